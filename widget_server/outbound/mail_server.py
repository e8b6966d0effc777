"""The mail server: from the environment, or as an owner entered it in the console. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from ..core.config import Config
from ..core.smtp_url import TlsMode, parse_smtp_url
from .sealed_settings import load_setting, store_setting

SETTING = "mail_server"


@dataclass(frozen=True)
class MailServer:
    """A mail server, and the sender of all mails."""

    host: str
    port: int
    tls: TlsMode
    #: The `From` of all mails, such as `Ratings <ratings@shop.example>`.
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    #: Whether the host is from the environment, and may therefore be internal.
    is_trusted: bool = False
    allowed_hosts: tuple[str, ...] = ()


def find_mail_server(config: Config) -> MailServer | None:
    """Return the mail server; None if there is none. The environment replaces the console."""
    if config.smtp_url:
        address = parse_smtp_url(config.smtp_url)
        return MailServer(
            address.host, address.port, address.tls, config.smtp_from, address.user, address.password, is_trusted=True
        )
    stored = stored_mail_server(config.secret_keys)
    return stored and replace(stored, allowed_hosts=config.allowed_internal_hosts)


def stored_mail_server(secret_keys: Sequence[bytes]) -> MailServer | None:
    """Return the mail server that was entered in the console; None if its secret key is lost."""
    values = load_setting(secret_keys, SETTING)
    return MailServer(**values) if values else None


def store_mail_server(secret_keys: Sequence[bytes], server: MailServer | None, now: datetime) -> None:
    """Store the mail server of the console, its password sealed; None removes it."""
    values = None
    if server is not None:
        values = {name: value for name, value in asdict(server).items() if name not in ("is_trusted", "allowed_hosts")}
    store_setting(secret_keys, SETTING, values, now)
