"""Every setting of Tilfreds, once: kind, default and meaning. Nothing else reads the environment.

A setting's variable is its field's name in capitals; the tables of the documents are made from the same fields. How one
is read and checked is in `settings_parser.py`.
"""

import dataclasses
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .settings_parser import ConfigError, parse_secrets, read_setting

DEFAULT_WIDGET_FILE = "/w/KEY.js"
LOG_LEVELS = ("debug", "info", "warning", "error")


def setting(default: Any, meaning: str, *, shown: str = "", secret: bool = False, **limits: Any) -> Any:
    """A field of Config. `shown` words a default that follows from other settings; a secret has a NAME_FILE too."""
    metadata = {"meaning": meaning, "shown": shown, "secret": secret, **limits}
    return dataclasses.field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True)
class Config:
    data_dir: Path = setting(Path("var"), "The folder for everything that Tilfreds keeps on disk.")
    database_url: str = setting(
        "",
        "The database: `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.",
        shown="sqlite:///DATA_DIR/tilfreds.sqlite3",
        secret=True,
    )
    secret_file: Path = setting(
        Path(),
        "The file with the server's secret keys, one on a line, newest first; made on first start.",
        shown="DATA_DIR/secret",
    )
    secret_keys: tuple[bytes, ...] = setting(
        (),
        "The secret keys themselves, newest first and separated by commas, in place of the file.",
        shown="the lines of SECRET_FILE",
        secret=True,
    )
    host: str = setting("127.0.0.1", "The address that the server listens on.")
    port: int = setting(8000, "The port of the web server.", low=1, high=65535)
    live_port: int = setting(0, "The port of the live process.", shown="PORT + 1", low=1, high=65535)
    public_url: str | None = setting(
        None,
        "The address at which visitors and agents reach this server; links are made from it alone.",
        shown="http://HOST:PORT",
    )
    live_url: str | None = setting(
        None,
        "The address at which browsers reach the live process, where that is not `/live/` of PUBLIC_URL.",
        shown="PUBLIC_URL where that is set, else http://HOST:LIVE_PORT",
    )
    trusted_proxies: int = setting(
        0, "How many proxies in front may say who is calling, counted from the right of X-Forwarded-For.", high=10
    )
    widget_file: str = setting(
        DEFAULT_WIDGET_FILE,
        "The path of a site's file below PUBLIC_URL, KEY being the site's; all that the widget asks for lies in the "
        "same folder. `/w/KEY.js` is answered as well.",
    )
    web_workers: int = setting(1, "Web processes; more than one needs PostgreSQL.", low=1, high=64)
    web_threads: int = setting(64, "Requests that one web process takes at a time, slow ones too.", low=1, high=1024)
    stop_seconds: int = setting(10, "Seconds that running requests get to finish at a stop.", low=1, high=300)
    max_body_bytes: int = setting(16384, "The largest body that the widget's addresses accept.", low=1024)
    max_api_body_bytes: int = setting(1048576, "The largest body that the API accepts.", low=1024)
    votes_per_target_per_minute: int = setting(20, "Saves of one rating that are taken in a minute.", low=1)
    votes_per_source_per_minute: int = setting(100, "Saves from one address on one site in a minute.", low=1)
    ended_per_source_per_minute: int = setting(60, "Chat ends from one address on one site in a minute.", low=1)
    polls_per_source_per_minute: int = setting(1200, "Polls of chats from one address on one site in a minute.", low=1)
    screenshots_per_source_per_minute: int = setting(5, "Screenshots from one address on one site in a minute.", low=1)
    limiter_url: str = setting(
        "memory://",
        "Where limits are counted: `memory://` in each process, `redis://HOST:PORT` for several.",
        secret=True,
    )
    backup_dir: Path = setting(Path(), "The folder for the daily backups.", shown="DATA_DIR/backups")
    backup_keep_days: int = setting(7, "Days that a daily backup is kept; 0 makes none.", high=3650)
    count_headless: bool = setting(False, "Count views by browsers without a screen, too: for tests of pages.")
    metrics: bool = setting(True, "Answer `/metrics`, to callers on this machine only.")
    debug: bool = setting(False, "Answer a fault with its traceback; refused where others can reach the server.")
    log_level: str = setting("info", "The least urgent log line that is written.", choices=LOG_LEVELS)

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
        """Read, check and complete every setting; nonsense is a ConfigError that names its setting."""
        config = cls(**{field.name: read_setting(field, environ) for field in dataclasses.fields(cls)})
        check_together(config)
        return config

    @property
    def base_url(self) -> str:
        """PUBLIC_URL, or the address of the web server itself; without a slash at its end."""
        return self.public_url or address(self.host, self.port)

    def site_file(self, key: str) -> str:
        """The address of the file of the site of this key."""
        return self.base_url + self.widget_file.replace("KEY", key)

    def tag(self, key: str) -> str:
        """The line that the owner of that site pastes."""
        return f'<script async src="{self.site_file(key)}"></script>'

    @property
    def live_base_url(self) -> str:
        """Where browsers find `/live/`: behind a proxy it shares PUBLIC_URL."""
        return self.live_url or self.public_url or address(self.host, self.live_port)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def sqlite_path(self) -> Path:
        """The database file; asked only where `is_sqlite` holds."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def database_in_words(self) -> str:
        """The database without its password, for people."""
        parts = urlsplit(self.database_url)
        if self.is_sqlite or "@" not in parts.netloc:
            return self.database_url
        return urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.netloc.rpartition('@')[2]}", query=""))

    def with_secrets(self) -> "Config":
        """The same settings with the secret keys read from SECRET_FILE, unless SECRET_KEYS gave them."""
        if self.secret_keys:
            return self
        try:
            text = self.secret_file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"SECRET_FILE {self.secret_file} cannot be read; `tilfreds serve` makes it.") from error
        return dataclasses.replace(self, secret_keys=parse_secrets("SECRET_FILE", text))

    def check_security(self) -> None:
        """Raise a ConfigError for settings that would put people's data at risk on a network."""
        addresses = {"PUBLIC_URL": urlsplit(self.base_url), "LIVE_URL": urlsplit(self.live_base_url)}
        if self.debug and not all(map(is_loopback, [self.host, *(parts.hostname for parts in addresses.values())])):
            raise ConfigError("DEBUG is on while other machines can reach this server: turn it off.")
        if self.public_url is None and not is_loopback(self.host):
            raise ConfigError(f"HOST {self.host} is reached by other machines: set PUBLIC_URL to its https address.")
        for name, parts in addresses.items():
            if parts.scheme == "http" and not is_loopback(parts.hostname):
                raise ConfigError(f"{name} {parts.geturl()} is not encrypted: use an https address.")


def is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


def address(host: str, port: int) -> str:
    """The http address of a listening socket; one that listens everywhere is reached by loopback."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}"


def check_together(config: Config) -> None:
    """Settings that are fine alone and nonsense together."""
    if config.is_sqlite and config.web_workers > 1:
        raise ConfigError("WEB_WORKERS needs PostgreSQL: only one process may write to an SQLite file.")
    if config.live_port == config.port or config.live_port > 65535:
        raise ConfigError(f"LIVE_PORT {config.live_port} must be a port of its own, at most 65535.")
