"""Mails over real connections: encryption, signing in, and a sentence for everything that can be wrong."""

from __future__ import annotations

import dataclasses
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.mailbox import PASSWORD, SENDER, USER, Mailbox, authenticate, serving
from tests.serve.server import free_port
from widget_server.outbound import addresses, mails, smtp
from widget_server.outbound.deliveries import DeliveryError
from widget_server.outbound.mail_server import MailServer
from widget_server.storage.db import new_id

NOW = datetime.datetime(2026, 3, 3, 10, tzinfo=datetime.UTC)


def server_of(mailbox: Mailbox, **changes: object) -> MailServer:
    plain = MailServer("localhost", mailbox.port, "none", SENDER, is_trusted=True)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def send(server: MailServer, recipient: str = "ann@shop.example") -> None:
    payload = {"to": recipient, "subject": "Grüße", "text": "Text\n", "html": "<p>Text</p>"}
    smtp.send(server, mails.to_message(payload, server.sender, new_id(), NOW))


def problem(server: MailServer, recipient: str = "ann@shop.example") -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(server, recipient)
    return caught.value


@contextmanager
def answering(conversation: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that is not a mail server, and yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                conversation(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def test_a_mail_has_both_parts_and_the_headers_of_a_machine(mailbox: Mailbox) -> None:
    send(server_of(mailbox))
    [mail] = mailbox.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "ann@shop.example", "Grüße")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert str(mail["Message-ID"]).endswith("@shop.example>")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_tls_and_starttls_with_a_password(tls_context: ssl.SSLContext) -> None:
    sign_in: dict[str, Any] = {"authenticator": authenticate, "auth_required": True}
    with serving(Mailbox(), tls_context, auth_require_tls=False, **sign_in) as mailbox:
        send(server_of(mailbox, tls="tls", user=USER, password=PASSWORD))
        assert len(mailbox.mails) == 1
    with serving(Mailbox(), tls_context=tls_context, require_starttls=True, **sign_in) as mailbox:
        send(server_of(mailbox, tls="starttls", user=USER, password=PASSWORD))
        assert len(mailbox.mails) == 1
        wrong = problem(server_of(mailbox, tls="starttls", user=USER, password="wrong"))
        assert "refused the user name or the password: 535" in wrong.text
        foreign = problem(server_of(mailbox, tls="starttls", user=USER, password="geheimnisträger"))
        assert "may contain only ASCII characters" in foreign.text
        assert not wrong.is_permanent
        assert PASSWORD not in wrong.text


def test_certificates_are_checked(tls_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Mailbox(), tls_context=tls_context) as mailbox:
        wrong_name = problem(server_of(mailbox, tls="starttls", host="127.0.0.1"))
        assert "The certificate of 127.0.0.1" in wrong_name.text
        assert "not valid" in wrong_name.text
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "self-signed" in problem(server_of(mailbox, tls="starttls")).text
        assert mailbox.mails == []


def test_every_refusal_is_in_words(mailbox: Mailbox, subtests: pytest.Subtests) -> None:
    refusals = {
        "MAIL": ("553 Not your address", "refused the sender ratings@shop.example: 553 Not your address", False),
        "RCPT": ("550 Unknown\x01 user", "refused the recipient: 550 Unknown", True),
        "DATA": ("554 Spam", "refused the mail: 554 Spam", True),
    }
    for command, (reply, sentence, is_permanent) in refusals.items():
        with subtests.test(command=command):
            mailbox.replies = {command: reply}
            refusal = problem(server_of(mailbox))
            assert sentence in refusal.text
            assert refusal.is_permanent == is_permanent
    mailbox.replies = {}
    assert "does not offer" in problem(server_of(mailbox, user=USER, password=PASSWORD)).text
    assert "does not offer what this mail needs: STARTTLS" in problem(server_of(mailbox, tls="starttls")).text
    assert "does not answer with TLS" in problem(server_of(mailbox, tls="tls")).text
    assert mailbox.mails == []


def stay_silent(connection: socket.socket) -> None:
    assert connection.recv(1) == b""


def test_hosts_that_do_not_answer_are_explained(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.2)
    assert "cannot be resolved" in problem(server_of(mailbox, host="no-such-host.invalid")).text
    assert "refused the connection" in problem(server_of(mailbox, port=free_port())).text
    assert "internal address 127.0.0.1" in problem(server_of(mailbox, is_trusted=False, host="127.0.0.1")).text
    with answering(stay_silent) as port:
        assert "did not answer in time" in problem(server_of(mailbox, port=port)).text
    with answering(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert "port" in problem(server_of(mailbox, port=port)).text
    with answering(lambda connection: connection.sendall(b"554 No service\r\n")) as port:
        assert "accepts no connection: 554 No service" in problem(server_of(mailbox, port=port)).text


def test_a_server_that_drips_is_cut(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, tls_context: ssl.SSLContext
) -> None:
    """A byte now and then must not keep the sender from other deliveries, also when the limit ends in a handshake."""
    monkeypatch.setattr(smtp, "TOTAL_SECONDS", 0.3)

    def drip(connection: socket.socket) -> None:
        deadline = time.monotonic() + 10
        try:
            while time.monotonic() < deadline:
                connection.sendall(b"2")
                time.sleep(0.02)
        except OSError:
            """The client has left."""

    def encrypt_late(connection: socket.socket) -> None:
        time.sleep(0.6)
        try:
            with tls_context.wrap_socket(connection, server_side=True) as encrypted:
                drip(encrypted)
        except OSError:
            """The client has left."""

    for tls, conversation in (("none", drip), ("tls", encrypt_late)):
        with answering(conversation) as port:
            started_at = time.monotonic()
            problem(server_of(mailbox, tls=tls, port=port))
            assert time.monotonic() - started_at < 5, tls


def test_nothing_before_the_encryption_counts(certificate: Path, tls_context: ssl.SSLContext, mailbox: Mailbox) -> None:
    """An attacker between could put replies behind that of STARTTLS, which would count as the server's."""

    def inject(connection: socket.socket) -> None:
        connection.sendall(b"220 mail\r\n")
        connection.recv(1_000)
        connection.sendall(b"250-mail\r\n250 STARTTLS\r\n")
        connection.recv(1_000)
        connection.sendall(b"220 go\r\n250 injected\r\n")
        try:
            with tls_context.wrap_socket(connection, server_side=True) as encrypted:
                encrypted.recv(1_000)
                encrypted.sendall(b"554 the real server\r\n")
                encrypted.recv(1_000)
                encrypted.sendall(b"554 the real server\r\n")
                encrypted.recv(1_000)
        except OSError:
            """The client has left."""

    with answering(inject) as port:
        assert "injected" not in problem(server_of(mailbox, tls="starttls", port=port)).text


def test_wrong_addresses_are_permanent(mailbox: Mailbox) -> None:
    for recipient in ("ann", "ann@shop.example\r\nBcc: x@y.example", ""):
        assert problem(server_of(mailbox), recipient).is_permanent
    assert mailbox.mails == []


def test_the_next_address_of_a_host_is_tried(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host often has an IPv6 address that this machine cannot reach."""
    monkeypatch.setattr(addresses, "resolve", lambda *_args, **_options: ["127.0.0.9", "127.0.0.1"])
    send(server_of(mailbox))
    assert len(mailbox.mails) == 1
