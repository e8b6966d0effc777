"""The mails of accounts: links that set a password, and warnings about changes.

Each is in the language that the user chose, or else in the mailer's, and is stored in the transaction that causes it.
Without a mail server nothing is stored, and links are shown to copy. To warn a user of another change, add it to
`CHANGES` and call `notify_change`. Flushes, never commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from ..core import tokens
from ..core.catalogues import format_text, translate_to
from ..core.dates import to_day_text, to_time_text
from ..core.marked_texts import N_
from ..outbound.mails import Mail, Mailer
from ..storage.db import new_id
from .models import User

Change = Literal[
    "password_changed",
    "factor_added",
    "factor_removed",
    "passkey_added",
    "passkey_removed",
    "recovery_codes_renewed",
    "recovery_code_used",
]
#: The subject of the mail about each change, and what happened.
CHANGES: dict[Change, tuple[str, str]] = {
    "password_changed": (N_("Your password was changed"), N_("The password of your account was changed.")),
    "factor_added": (N_("Sign-in codes were turned on"), N_("An app for sign-in codes was added to your account.")),
    "factor_removed": (
        N_("Sign-in codes were turned off"),
        N_("The app for sign-in codes was removed from your account."),
    ),
    "passkey_added": (N_("A passkey was added"), N_("A passkey was added to your account.")),
    "passkey_removed": (N_("A passkey was removed"), N_("A passkey was removed from your account.")),
    "recovery_codes_renewed": (N_("New recovery codes were created"), N_("The earlier recovery codes no longer work.")),
    "recovery_code_used": (N_("A recovery code was used"), N_("A recovery code of your account was used.")),
}
ADVICE = N_("If it was not you, change your password, end all other sessions, and tell an owner.")
TEST_SENTENCE = N_("The mail server accepts mails from Tilfreds. Invitations and new passwords are sent like this one.")
#: A warning that arrives later than this would only confuse.
WARNING_LIFETIME = timedelta(days=2)
PROFILE_PATH = "/console/profile"


def send_link(mailer: Mailer, user: User, link: str, now: datetime, expires_at: datetime, invited_by: str = "") -> None:
    """Send the link with which a user sets a password, after an invitation or because it was forgotten."""
    if user.password_hash:
        mail = _reset(mailer, user, link, expires_at)
    else:
        mail = _invitation(mailer, user, link, expires_at, invited_by)
    mailer.enqueue(user.email, mail, dedupe_key=f"link:{tokens.digest(link)}", now=now, expires_at=expires_at)


def _reset(mailer: Mailer, user: User, link: str, expires_at: datetime) -> Mail:
    language = _language(mailer, user)
    return Mail(
        subject=format_text(language, "Set a new password"),
        greeting=_greet(language, user),
        paragraphs=[
            format_text(language, "A new password was requested for your account at %(host)s.", host=_host(mailer)),
            _lifetime(language, expires_at),
        ],
        action=format_text(language, "Set a new password"),
        link=link,
        note=format_text(language, "If you did not ask for it, ignore this mail. Your password stays as it is."),
        server_name=_server_name(mailer),
        language=language,
    )


def _invitation(mailer: Mailer, user: User, link: str, expires_at: datetime, invited_by: str) -> Mail:
    language = _language(mailer, user)
    sentence = format_text(
        language,
        "%(name)s invited you to the ratings at %(host)s. Set a password to sign in as %(email)s.",
        name=invited_by or format_text(language, "An owner"),
        host=_host(mailer),
        email=user.email,
    )
    return Mail(
        subject=format_text(language, "You are invited to Tilfreds"),
        greeting=_greet(language, user),
        paragraphs=[sentence, _lifetime(language, expires_at)],
        action=format_text(language, "Accept the invitation"),
        link=link,
        note=format_text(language, "If you did not expect an invitation, ignore this mail."),
        server_name=_server_name(mailer),
        language=language,
    )


def make_test_mail(mailer: Mailer) -> Mail:
    """Return the mail that an owner sends to check the mail server."""
    language = mailer.language
    return Mail(
        subject=format_text(language, "Test mail of Tilfreds"),
        greeting=format_text(language, "Hello,"),
        paragraphs=[translate_to(language, TEST_SENTENCE)],
        action=format_text(language, "Open the console"),
        link=f"{mailer.config.base_url}/console/",
        note=format_text(language, "An owner sent this test. There is nothing to do."),
        server_name=_server_name(mailer),
        language=language,
    )


def notify_change(mailer: Mailer, user: User, change: Change, now: datetime) -> None:
    """Tell a user by mail that a password, a passkey or a second factor was changed."""
    language = _language(mailer, user)
    subject, sentence = (translate_to(language, text) for text in CHANGES[change])
    time_text = format_text(language, "It happened on %(moment)s.", moment=_moment(now, language))
    _warn(mailer, user, subject, f"{sentence} {time_text}", now)


def notify_new_device(mailer: Mailer, user: User, browser: str, now: datetime) -> None:
    """Tell a user by mail about a sign-in from a browser without earlier sign-ins."""
    language = _language(mailer, user)
    sentence = format_text(
        language,
        "Your account was used to sign in from a new browser: %(browser)s, on %(moment)s.",
        browser=browser,
        moment=_moment(now, language),
    )
    _warn(mailer, user, format_text(language, "New sign-in to your account"), sentence, now)


def _warn(mailer: Mailer, user: User, subject: str, sentence: str, now: datetime) -> None:
    language = _language(mailer, user)
    mail = Mail(
        subject=subject,
        greeting=_greet(language, user),
        paragraphs=[sentence, format_text(language, "If it was you, there is nothing to do.")],
        action=format_text(language, "Open your profile"),
        link=mailer.config.base_url + PROFILE_PATH,
        note=translate_to(language, ADVICE),
        server_name=_server_name(mailer),
        language=language,
    )
    mailer.enqueue(user.email, mail, dedupe_key=f"warning:{new_id()}", now=now, expires_at=now + WARNING_LIFETIME)


def _language(mailer: Mailer, user: User) -> str:
    return user.language or mailer.language


def _greet(language: str, user: User) -> str:
    return format_text(language, "Hello %(name)s,", name=user.name)


def _lifetime(language: str, expires_at: datetime) -> str:
    return format_text(language, "The link works once, until %(moment)s.", moment=_moment(expires_at, language))


def _host(mailer: Mailer) -> str:
    return urlsplit(mailer.config.base_url).netloc


def _server_name(mailer: Mailer) -> str:
    return f"Tilfreds, {_host(mailer)}"


def _moment(at: datetime, language: str) -> str:
    return f"{to_day_text(at.date(), language)}, {to_time_text(at, language)} UTC"
