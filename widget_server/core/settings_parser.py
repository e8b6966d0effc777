"""Read and check one setting from a mapping of environment variables."""

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from environs import Env, EnvError
from marshmallow.validate import OneOf, Range

from .smtp_url import SENDER, parse_smtp_url

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MIN_SECRET_LENGTH = 32
MAX_PROXIES = 10
#: One or more folders, then an optional prefix before the key: the widget takes the letters before `.js` as the key.
WIDGET_FILE = re.compile(r"(/[a-z0-9-]*[a-z0-9])+/([a-z0-9-]*-)?KEY\.js")
#: Folders and files of the server's other pages.
RESERVED_FOLDERS = (
    "agent",
    "agent.js",
    "agent-frame.js",
    "api",
    "console",
    "embed",
    "live",
    "metrics",
    "health",
    "survey",
)
WELL_KNOWN_SECRETS = ("change", "default", "example", "secret", "password", "placeholder")


class ConfigError(Exception):
    """A setting has an invalid value.

    The text is a whole sentence that names the setting.
    """


class MappingEnv(Env):
    """An Env over a mapping.

    So tests and `tilfreds demo` need not change the environment of the process.
    """

    def __init__(self, values: Mapping[str, str]):
        super().__init__()
        self.mapping = values

    def _get_value(self, env_key: str, default: Any) -> Any:
        # `NAME=` in a unit file leaves an empty variable, which means "not set".
        return self.mapping.get(env_key) or default


def read_setting(field: dataclasses.Field[Any], environ: Mapping[str, str]) -> Any:
    """Return the value of one setting.

    Raises:
        ConfigError: the value is invalid.
    """
    name, limits, default = field.name.upper(), field.metadata, cast(Any, field.default)
    env = MappingEnv(read_secret_file(name, environ) if limits["secret"] else environ)
    try:
        if field.type is int:
            value_range = Range(limits.get("low", 0), limits.get("high", 2**31 - 1))
            return env.int(name, default, validate=value_range)
        if field.type is bool:
            return env.bool(name, default)
        if field.type is Path:
            return env.path(name, default)
        if "choices" in limits:
            return env.str(name, default, validate=OneOf(limits["choices"]))
        text = env.str(name, default)
    except EnvError as error:
        reason = str(error).partition("invalid: ")[2].strip("[]'\". ")
        raise ConfigError(f"{name} cannot be used: {reason}.") from error
    parse = PARSERS.get(name)
    return parse(name, text) if parse and text else text


def read_secret_file(name: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables of a secret setting.

    Its value is read from the file in NAME_FILE if that is set.
    """
    if not (source := environ.get(f"{name}_FILE")):
        return environ
    if environ.get(name):
        raise ConfigError(f"{name} and {name}_FILE are both set: remove one of them.")
    try:
        return {name: Path(source).read_text().strip()}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}_FILE {source} cannot be read: check the path and its permissions.") from error


def parse_secrets(name: str, text: str) -> tuple[bytes, ...]:
    keys = text.replace(",", " ").split()
    for key in keys:
        if len(key) < MIN_SECRET_LENGTH:
            raise ConfigError(
                f"{name} has a key of {len(key)} characters: use at least {MIN_SECRET_LENGTH} random characters."
            )
        if len(set(key)) < MIN_SECRET_LENGTH // 4 or any(word in key.lower() for word in WELL_KNOWN_SECRETS):
            raise ConfigError(f"{name} has a key that can be guessed: use {MIN_SECRET_LENGTH} random characters.")
    if not keys:
        raise ConfigError(f"{name} is empty: set one key of {MIN_SECRET_LENGTH} random characters.")
    return tuple(key.encode() for key in keys)


def parse_url(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ConfigError(f"{name} must be an address such as https://ratings.example.org, not {text}.")
    return text.rstrip("/")


def parse_database(name: str, text: str) -> str:
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and "?" not in rest and ":memory:" not in rest:
        return text
    if scheme in ("postgresql", "postgresql+psycopg", "postgres") and rest:
        return f"postgresql+psycopg://{rest}"
    raise ConfigError(f"{name} must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME.")


def parse_widget_file(name: str, text: str) -> str:
    if not WIDGET_FILE.fullmatch(text) or text.split("/")[1] in RESERVED_FOLDERS:
        raise ConfigError(
            f"{name} must be a path such as /help/faces-KEY.js, not {text}: use lower case, end with KEY.js, alone or "
            f"after a dash, and do not begin with a folder that the server uses ({', '.join(RESERVED_FOLDERS)})."
        )
    return text


def parse_proxies(name: str, text: str) -> int | tuple[Network, ...]:
    """Return a number of proxies, or the networks of their addresses."""
    if text.isascii() and text.isdigit():
        if int(text) > MAX_PROXIES:
            raise ConfigError(f"{name} must be at most {MAX_PROXIES}, not {text}.")
        return int(text)
    try:
        return tuple(ipaddress.ip_network(word, strict=False) for word in text.replace(",", " ").split())
    except ValueError as error:
        raise ConfigError(f"{name} must be a number, or addresses such as 10.0.0.1, 192.0.2.0/24: {error}.") from error


def parse_smtp(name: str, text: str) -> str:
    """Return the address of a mail server. The error does not repeat it, as it may contain a password."""
    try:
        parse_smtp_url(text)
    except ValueError as error:
        raise ConfigError(
            f"{name} must be an address such as smtps://USER:PASSWORD@mail.example.org:465, "
            "smtp://mail.example.org:587 or, without a password, smtp://localhost:25?tls=none."
        ) from error
    return text


def parse_sender(name: str, text: str) -> str:
    if not text.isprintable() or not SENDER.fullmatch(text):
        raise ConfigError(f"{name} must be a sender such as Ratings <ratings@shop.example>, not {text}.")
    return text


def parse_issuer(name: str, text: str) -> str:
    """Return the issuer as it is: providers compare it with their own, to the last slash."""
    parse_url(name, text)
    if not text.startswith("https://"):
        raise ConfigError(f"{name} must be an https address, not {text}.")
    return text


def parse_names(name: str, text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


PARSERS: dict[str, Callable[[str, str], Any]] = {
    "TRUSTED_PROXIES": parse_proxies,
    "SECRET_KEYS": parse_secrets,
    "PUBLIC_URL": parse_url,
    "LIVE_URL": parse_url,
    "DATABASE_URL": parse_database,
    "DATABASE_DIRECT_URL": parse_database,
    "WIDGET_FILE": parse_widget_file,
    "SMTP_URL": parse_smtp,
    "SMTP_FROM": parse_sender,
    "ALLOWED_INTERNAL_HOSTS": parse_names,
    "OIDC_ISSUER": parse_issuer,
}
