"""Send one mail over SMTP, and say in words why it failed.

The connection leads to the address that was checked, with the name and the certificate of the host.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from .connections import CONNECT_SECONDS, Reach, connect, explain
from .deliveries import DeliveryError
from .mail_server import MailServer

ANSWER_SECONDS = 20.0
#: The limit of one mail, also for a server that sends a byte now and then. Less than a lease.
TOTAL_SECONDS = 60.0
MAX_REPLY_LENGTH = 200


def send(server: MailServer, message: EmailMessage) -> None:
    """Send a mail.

    Raises:
        DeliveryError: the server cannot be reached, or refused the mail; permanent if it always will.
    """
    with _in_words(server), _connected(server) as smtp:
        refused = smtp.send_message(message)
        assert not refused, "with one recipient the library raises instead"


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """Yield a connection that is encrypted and signed in as the settings say."""
    reach = Reach(server.is_trusted, server.allowed_hosts)
    with connect(server.host, server.port, reach, TOTAL_SECONDS, CONNECT_SECONDS) as connection:
        connection.settimeout(ANSWER_SECONDS)
        smtp = smtplib.SMTP(timeout=ANSWER_SECONDS)
        smtp.sock = connection
        timer = threading.Timer(TOTAL_SECONDS, _cut, [smtp])
        timer.daemon = True
        timer.start()
        try:
            _greet(smtp, server)
            yield smtp
            # The mail is accepted, whatever the server answers now.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            timer.cancel()
            smtp.close()


def _greet(smtp: smtplib.SMTP, server: MailServer) -> None:
    if server.tls == "tls":
        _encrypt(smtp, server.host)
    code, reply = smtp.getreply()
    if code != 220:
        raise smtplib.SMTPConnectError(code, reply)
    smtp.ehlo()
    if server.tls == "starttls":
        code, reply = smtp.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPNotSupportedError("STARTTLS. Choose another encryption.")
        _encrypt(smtp, server.host)
        smtp.ehlo()
    if server.user:
        _sign_in(smtp, server)


def _sign_in(smtp: smtplib.SMTP, server: MailServer) -> None:
    try:
        smtp.login(server.user, server.password)
    except UnicodeEncodeError:
        # Without the cause, which contains the password.
        raise DeliveryError("The user name and the password may contain only ASCII characters.") from None


def _encrypt(smtp: smtplib.SMTP, host: str) -> None:
    """Encrypt the connection. Bytes that came before it are forgotten, because an attacker may have sent them."""
    assert smtp.sock is not None
    encrypted = ssl.create_default_context().wrap_socket(smtp.sock, server_hostname=host, do_handshake_on_connect=False)
    # `_cut` needs the present socket during the handshake, too.
    smtp.sock, smtp.file = encrypted, None
    encrypted.do_handshake()


def _cut(smtp: smtplib.SMTP) -> None:
    """End a connection that takes too long; the waiting thread gets an error."""
    if smtp.sock is not None:
        with suppress(OSError):
            smtp.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _in_words(server: MailServer) -> Iterator[None]:
    """Raise every error of SMTP as a DeliveryError."""
    where = f"{server.host}, port {server.port},"
    try:
        yield
    except smtplib.SMTPException as error:
        raise _explain_refusal(where, error) from error
    except (OSError, ValueError) as error:
        raise DeliveryError(explain(where, error)) from error


def _explain_refusal(where: str, error: smtplib.SMTPException) -> DeliveryError:
    """Return the error of a server that answered and refused something."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryError(f"{where} refused the user name or the password: {_reply(error)}")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return DeliveryError(f"{where} refused the sender {error.sender}: {_reply(error)}")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, reply)] = error.recipients.values()
        return DeliveryError(f"{where} refused the recipient: {_text(code, reply)}", is_permanent=code >= 500)
    if isinstance(error, smtplib.SMTPDataError):
        return DeliveryError(f"{where} refused the mail: {_reply(error)}", is_permanent=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPConnectError):
        return DeliveryError(f"{where} accepts no connection: {_reply(error)}")
    if isinstance(error.__context__, TimeoutError):
        return DeliveryError(explain(where, error.__context__))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return DeliveryError(f"{where} ended the connection. Check the port and the encryption.")
    return DeliveryError(f"{where} does not offer what this mail needs: {_one_line(str(error))}")


def _reply(error: smtplib.SMTPResponseException) -> str:
    return _text(error.smtp_code, error.smtp_error)


def _text(code: int, reply: bytes | str) -> str:
    return _one_line(f"{code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MAX_REPLY_LENGTH]
