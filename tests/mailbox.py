"""A real mail server inside the test process, which accepts, refuses and captures mails."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.serve.server import free_port

USER, PASSWORD = "tilfreds", "a secret of the relay"
SENDER = "Ratings <ratings@shop.example>"


class Mailbox:
    """The handler of a mail server: what it answers, and the mails that it accepted."""

    def __init__(self) -> None:
        self.port = 0
        self.empty()

    def empty(self) -> None:
        """Forget the mails, and answer as usual."""
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        #: The reply to each command, if it is not the usual one.
        self.replies: dict[str, str] = {}
        #: Called when a mail was accepted, before the reply is sent.
        self.on_mail: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    def last_link(self) -> str:
        """Return the link in the text of the newest mail."""
        body = self.mails[-1].get_body(("plain",))
        assert body is not None
        return next(line for line in body.get_content().splitlines() if line.startswith("http"))

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if "RCPT" not in self.replies:
            envelope.rcpt_tos.append(address)
        return self.replies.get("RCPT", "250 OK")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if "DATA" in self.replies:
            return self.replies["DATA"]
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.recipients.extend(envelope.rcpt_tos)
        self.on_mail()
        return "250 OK"


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: LoginPassword) -> AuthResult:
    is_right = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
    # Not handled: the library sends the reply.
    return AuthResult(success=is_right, handled=is_right)


@contextmanager
def serving(mailbox: Mailbox, context: ssl.SSLContext | None = None, **options: Any) -> Iterator[Mailbox]:
    """Run a mail server on a free port; with a `context` it speaks TLS from the first byte."""
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, ssl_context=context, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
