"""Read the mail server that an owner enters."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...core.errors import Invalid
from ...core.marked_texts import marked
from ...core.smtp_url import SENDER, TLS_MODES
from ...core.text import has_controls
from ...outbound.mail_server import MailServer

MAX_LENGTH = 254
PORT = re.compile(r"[0-9]{1,5}")


def read_server(form: Mapping[str, str], stored: MailServer | None) -> MailServer:
    """Return the mail server of a form. An empty password keeps the stored one, for the same server and user.

    Raises: Invalid: a field is missing or invalid.
    """
    fields = {name: _read_field(form, name) for name in ("host", "user", "sender")}
    password = form.get("password", "")[:MAX_LENGTH]
    tls = next((mode for mode in TLS_MODES if mode == form.get("tls")), None)
    port = form.get("port", "")
    if not fields["host"] or "/" in fields["host"] or " " in fields["host"]:
        raise Invalid("Enter the name of a host, for example mail.shop.example.", pointer="/host")
    if not (PORT.fullmatch(port) and 0 < int(port) < 2**16):
        raise Invalid("Enter a port from 1 to 65535.", pointer="/port")
    if tls is None:
        raise Invalid("Choose an encryption.", pointer="/tls")
    if not SENDER.fullmatch(fields["sender"]):
        raise Invalid("Enter a sender, for example Ratings <ratings@shop.example>.", pointer="/sender")
    server = MailServer(fields["host"], int(port), tls, fields["sender"], fields["user"], password)
    if server.user and not password:
        password = _stored_password(server, stored)
    if tls == "none" and password:
        raise Invalid("A password needs TLS or STARTTLS. Choose one of them.", pointer="/tls")
    return MailServer(server.host, server.port, tls, server.sender, server.user, password if server.user else "")


def _stored_password(server: MailServer, stored: MailServer | None) -> str:
    """Return the stored password; another host must not receive it."""
    if stored is None or (stored.host, stored.port, stored.user) != (server.host, server.port, server.user):
        raise Invalid("Enter the password of this user.", pointer="/password")
    return stored.password


def _read_field(form: Mapping[str, str], name: str) -> str:
    text = " ".join(form.get(name, "").split())
    if len(text) > MAX_LENGTH or has_controls(text):
        raise Invalid(
            marked("Enter at most %(max_length)s characters, without control characters.", max_length=MAX_LENGTH),
            pointer=f"/{name}",
        )
    return text
