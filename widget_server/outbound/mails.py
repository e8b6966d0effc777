"""Mails: their text and HTML from one source, and their headers.

A mail is rendered when it is caused and stored like that, so that all its attempts send the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ..core.catalogues import ENGLISH, translate_to
from ..core.config import Config
from . import deliveries, smtp
from .deliveries import ClaimedDelivery, DeliveryError
from .mail_server import MailServer, find_mail_server

KIND = "mail"
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Mail:
    """The contents of a mail."""

    subject: str
    greeting: str
    paragraphs: Sequence[str]
    #: What the button says, and where it leads.
    action: str
    link: str
    #: What to do if the mail is unexpected.
    note: str
    #: The server that sends it, as people know it.
    server_name: str
    language: str = ENGLISH


@dataclass(frozen=True)
class Mailer:
    """What a capability needs to send mails: the settings of the server."""

    config: Config
    #: The language of mails to people who have chosen none.
    language: str = ENGLISH

    def is_set_up(self) -> bool:
        """Return whether there is a mail server."""
        return find_mail_server(self.config) is not None

    def enqueue(self, recipient: str, mail: Mail, *, dedupe_key: str, now: datetime, expires_at: datetime) -> None:
        """Store a mail in the present transaction; without a mail server do nothing."""
        if not self.is_set_up():
            return
        payload = {"to": recipient, **render(mail)}
        secret_keys = self.config.secret_keys
        deliveries.enqueue(
            secret_keys, KIND, payload, recipient=recipient, dedupe_key=dedupe_key, now=now, expires_at=expires_at
        )


def render(mail: Mail) -> dict[str, str]:
    """Return the subject and both parts of a mail."""
    values = {**asdict(mail), "_": partial(translate_to, mail.language)}
    text = TEMPLATES.get_template("mail.txt").render(values)
    html = TEMPLATES.get_template("mail.html").render(values)
    return {"subject": mail.subject, "text": BLANK_LINES.sub("\n\n", text).strip() + "\n", "html": html}


def to_message(payload: dict[str, Any], sender: str, delivery_id: UUID, at: datetime) -> EmailMessage:
    """Return the message of a mail. All attempts have the same id, by which mailboxes recognise a repetition.

    Raises: DeliveryError: the sender or the recipient is no address.
    """
    message = EmailMessage(policy=SMTP)
    name, address = parseaddr(sender)
    try:
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=payload["to"])
        message["Subject"] = payload["subject"]
    except (ValueError, IndexError) as error:
        raise DeliveryError(f"The sender or the recipient is no valid address: {error}.", is_permanent=True) from error
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{delivery_id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(payload["text"])
    message.add_alternative(payload["html"], subtype="html")
    return message


def send_delivery(delivery: ClaimedDelivery, server: MailServer | None) -> None:
    """Send a mail.

    Raises: DeliveryError: it could not be sent.
    """
    if server is None:
        raise DeliveryError("No mail server is set. Set SMTP_URL, or enter one in the console under Mail.")
    send(server, delivery.payload, delivery.id, delivery.created_at)


def send(server: MailServer, payload: dict[str, Any], message_id: UUID, at: datetime) -> None:
    """Send a rendered mail now.

    Raises: DeliveryError: it could not be sent.
    """
    smtp.send(server, to_message(payload, server.sender, message_id, at))
