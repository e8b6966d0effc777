"""The mail server: from the environment, or as an owner entered it in the console. Flushes, never commits."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from ..core import tokens
from ..core.config import Config
from ..core.smtp_url import TlsMode, parse_smtp_url
from ..storage.db import db
from .models import ServerSetting

log = logging.getLogger("tilfreds.outbound")

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
    setting = db.session.get(ServerSetting, SETTING)
    if setting is None:
        return None
    try:
        return MailServer(**json.loads(tokens.unseal(secret_keys, setting.value)))
    except tokens.BadToken:
        log.warning("the mail server was stored under another secret key: enter it again")
        return None


def store_mail_server(secret_keys: Sequence[bytes], server: MailServer | None, now: datetime) -> None:
    """Store the mail server of the console, its password sealed; None removes it."""
    setting = db.session.get(ServerSetting, SETTING)
    if server is None:
        if setting is not None:
            db.session.delete(setting)
    else:
        values = {name: value for name, value in asdict(server).items() if name not in ("is_trusted", "allowed_hosts")}
        sealed = tokens.seal(secret_keys, json.dumps(values).encode())
        if setting is None:
            db.session.add(ServerSetting(name=SETTING, value=sealed, changed_at=now))
        else:
            setting.value, setting.changed_at = sealed, now
    db.session.flush()
