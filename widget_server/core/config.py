"""Every setting of Tilfreds with its type, default and meaning.

No other module reads the environment.

The environment variable of a setting is the name of its field in capitals; the tables in the documents are made from
the same fields. `settings_parser.py` reads and checks one setting.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .hosts import is_loopback, to_http_url
from .settings_parser import ConfigError, Network, parse_secrets, read_setting

DEFAULT_WIDGET_FILE = "/w/KEY.js"
LOG_LEVELS = ("debug", "info", "warning", "error")


def setting(default: Any, meaning: str, *, default_text: str = "", secret: bool = False, **limits: Any) -> Any:
    """Declare a field of Config.

    `default_text` describes a default that depends on other settings. A secret setting can also be read from NAME_FILE.
    """
    metadata = {"meaning": meaning, "default_text": default_text, "secret": secret, **limits}
    return dataclasses.field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True)
class Config:
    """The settings of one process, read once at its start."""

    data_dir: Path = setting(Path("var"), "The folder for all files of Tilfreds.")
    database_url: str = setting(
        "",
        "The database address: `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.",
        default_text="sqlite:///DATA_DIR/tilfreds.sqlite3",
        secret=True,
    )
    database_direct_url: str = setting(
        "",
        "The address of PostgreSQL itself, if DATABASE_URL is a pooler in transaction mode such as PgBouncer; events, "
        "migrations and backups use it.",
        default_text="none",
        secret=True,
    )
    secret_file: Path = setting(
        Path(),
        "The file with the server's secret keys, one per line, newest first; created on first start.",
        default_text="DATA_DIR/secret",
    )
    secret_keys: tuple[bytes, ...] = setting(
        (),
        "The secret keys, newest first, separated by commas; replaces SECRET_FILE.",
        default_text="the lines of SECRET_FILE",
        secret=True,
    )
    host: str = setting("127.0.0.1", "The address that the server listens on.")
    port: int = setting(8000, "The port of the web server.", low=1, high=65535)
    live_port: int = setting(0, "The port of the live process.", default_text="PORT + 1", low=1, high=65535)
    public_url: str | None = setting(
        None,
        "The address at which visitors and agents reach this server; all links are made from it.",
        default_text="http://HOST:PORT",
    )
    live_url: str | None = setting(
        None,
        "The address at which browsers reach the live process, if it is not `/live/` of PUBLIC_URL.",
        default_text="PUBLIC_URL if set, else http://HOST:LIVE_PORT",
    )
    trusted_proxies: int | tuple[Network, ...] = setting(
        0,
        "Number of trusted proxies in front, counted from the right of X-Forwarded-For, or their addresses and "
        "networks, separated by commas.",
    )
    widget_file: str = setting(
        DEFAULT_WIDGET_FILE,
        "The path of a site's script below PUBLIC_URL, with KEY for the site's key; all requests of the widget go to "
        "the same folder. `/w/KEY.js` works as well.",
    )
    web_workers: int = setting(1, "Number of web processes; more than one needs PostgreSQL.", low=1, high=64)
    web_threads: int = setting(64, "Concurrent requests per web process, slow ones included.", low=1, high=1024)
    stop_seconds: int = setting(10, "Seconds for running requests to finish at a stop.", low=1, high=300)
    max_body_bytes: int = setting(16384, "Maximum body size of the widget's requests, in bytes.", low=1024)
    max_api_body_bytes: int = setting(1048576, "Maximum body size of API requests, in bytes.", low=1024)
    votes_per_target_per_minute: int = setting(20, "Submissions of one rating per minute.", low=1)
    votes_per_source_per_minute: int = setting(100, "Submissions from one address on one site per minute.", low=1)
    ended_per_source_per_minute: int = setting(60, "Chat ends from one address on one site per minute.", low=1)
    polls_per_source_per_minute: int = setting(1200, "Polls of chats from one address on one site per minute.", low=1)
    screenshots_per_source_per_minute: int = setting(5, "Screenshots from one address on one site per minute.", low=1)
    session_idle_hours: int = setting(
        12, "Hours without a request after which a session of the console ends.", low=1, high=336
    )
    second_factor_required: bool = setting(
        False, "Require a second factor of every user of the console; without it, each site decides."
    )
    smtp_url: str = setting(
        "",
        "The mail server: `smtps://USER:PASSWORD@HOST:PORT`, `smtp://...` for STARTTLS, or `smtp://HOST:25?tls=none`; "
        "replaces the one of the console.",
        default_text="none",
        secret=True,
    )
    smtp_from: str = setting(
        "",
        "The sender of all mails, such as `Ratings <ratings@shop.example>`; needed with SMTP_URL.",
        default_text="none",
    )
    allowed_internal_hosts: tuple[str, ...] = setting(
        (),
        "Internal hosts and networks, separated by commas, to which a host entered in the console may lead.",
        default_text="none",
    )
    oidc_issuer: str = setting(
        "",
        "The issuer of single sign-on (OpenID Connect), such as `https://login.shop.example/realms/staff`; replaces "
        "the one of the console.",
        default_text="none",
    )
    oidc_client_id: str = setting("", "The client id at the issuer; needed with OIDC_ISSUER.", default_text="none")
    oidc_client_secret: str = setting(
        "", "The client secret at the issuer; empty for a public client.", default_text="none", secret=True
    )
    oidc_name: str = setting("", "The name of the provider on the sign-in page.", default_text="the one of the console")
    limiter_url: str = setting(
        "memory://",
        "The counter of rate limits: `memory://` for one per process, `redis://HOST:PORT` for a shared one.",
        secret=True,
    )
    backup_dir: Path = setting(Path(), "The folder for daily backups.", default_text="DATA_DIR/backups")
    backup_keep_days: int = setting(7, "Days to keep a daily backup; 0 turns daily backups off.", high=3650)
    count_headless: bool = setting(False, "Count impressions in headless browsers, for tests of pages.")
    metrics: bool = setting(True, "Serve `/metrics`, to callers on this machine only.")
    debug: bool = setting(False, "Show tracebacks in error responses; refused if other machines can reach the server.")
    log_level: str = setting("info", "Minimum log level.", choices=LOG_LEVELS)

    def __post_init__(self) -> None:
        derived = {
            "database_url": self.database_url or f"sqlite:///{self.data_dir / 'tilfreds.sqlite3'}",
            "secret_file": self.data_dir / "secret" if self.secret_file == Path() else self.secret_file,
            "backup_dir": self.data_dir / "backups" if self.backup_dir == Path() else self.backup_dir,
            "live_port": self.live_port or self.port + 1,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """Read, check and complete every setting.

        Raises:
            ConfigError: a setting is invalid; the text names it.
        """
        config = cls(**{field.name: read_setting(field, environ) for field in dataclasses.fields(cls)})
        check_combinations(config)
        return config

    @property
    def base_url(self) -> str:
        """PUBLIC_URL, or the address of the web server itself; without a trailing slash."""
        return self.public_url or to_http_url(self.host, self.port)

    def site_file(self, key: str) -> str:
        """Return the address of the script of the site with this key."""
        return self.base_url + self.widget_file.replace("KEY", key)

    def tag(self, key: str) -> str:
        """Return the script tag that the owner of the site with this key pastes."""
        return f'<script async src="{self.site_file(key)}"></script>'

    @property
    def live_base_url(self) -> str:
        """The address below which browsers find `/live/`.

        Behind a proxy it shares PUBLIC_URL.
        """
        return self.live_url or self.public_url or to_http_url(self.host, self.live_port)

    @property
    def admin_url(self) -> str:
        """The address of the database for work that no pooler allows."""
        return self.database_direct_url or self.database_url

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def sqlite_path(self) -> Path:
        """The database file; valid only if `is_sqlite`."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def database_in_words(self) -> str:
        """The database address without its password, for messages."""
        parts = urlsplit(self.database_url)
        if self.is_sqlite or "@" not in parts.netloc:
            return self.database_url
        return urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.netloc.rpartition('@')[2]}", query=""))

    def with_secrets(self) -> "Config":
        """Return the settings with the secret keys of SECRET_FILE or SECRET_KEYS.

        Raises:
            ConfigError: the file cannot be read or has an unsafe key.
        """
        if self.secret_keys:
            return self
        try:
            text = self.secret_file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"SECRET_FILE {self.secret_file} cannot be read; `tilfreds serve` creates it.") from error
        return dataclasses.replace(self, secret_keys=parse_secrets("SECRET_FILE", text))

    def check_security(self) -> None:
        """Raise ConfigError for settings that put personal data at risk on a network."""
        addresses = {"PUBLIC_URL": urlsplit(self.base_url), "LIVE_URL": urlsplit(self.live_base_url)}
        if self.debug and not all(map(is_loopback, [self.host, *(parts.hostname for parts in addresses.values())])):
            raise ConfigError("DEBUG is on while other machines can reach this server: turn DEBUG off.")
        if self.public_url is None and not is_loopback(self.host):
            raise ConfigError(f"HOST {self.host} is reachable from other machines: set PUBLIC_URL to an https address.")
        for name, parts in addresses.items():
            if parts.scheme == "http" and not is_loopback(parts.hostname):
                raise ConfigError(f"{name} {parts.geturl()} is not encrypted: use an https address.")


def check_combinations(config: Config) -> None:
    """Raise ConfigError for settings that are valid alone and contradict each other."""
    if config.is_sqlite and config.web_workers > 1:
        raise ConfigError("WEB_WORKERS needs PostgreSQL: only one process may write to an SQLite file.")
    if bool(config.smtp_url) != bool(config.smtp_from):
        raise ConfigError("SMTP_URL and SMTP_FROM need each other: set both, or neither.")
    if bool(config.oidc_issuer) != bool(config.oidc_client_id):
        raise ConfigError("OIDC_ISSUER and OIDC_CLIENT_ID need each other: set both, or neither.")
    if config.live_port == config.port or config.live_port > 65535:
        raise ConfigError(f"LIVE_PORT {config.live_port} must differ from PORT and be at most 65535.")
