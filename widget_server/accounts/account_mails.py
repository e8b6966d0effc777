"""The mails of accounts: links that set a password, and warnings about changes.

Each is stored in the transaction that causes it. Without a mail server nothing is stored, and links are shown to copy.
To warn a user of another change, add it to `CHANGES` and call `notify_change`. Flushes, never commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from ..core import tokens
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
    "password_changed": ("Your password was changed", "The password of your account was changed."),
    "factor_added": ("Sign-in codes were turned on", "An app for sign-in codes was added to your account."),
    "factor_removed": ("Sign-in codes were turned off", "The app for sign-in codes was removed from your account."),
    "passkey_added": ("A passkey was added", "A passkey was added to your account."),
    "passkey_removed": ("A passkey was removed", "A passkey was removed from your account."),
    "recovery_codes_renewed": ("New recovery codes were created", "The earlier recovery codes no longer work."),
    "recovery_code_used": ("A recovery code was used", "A recovery code of your account was used."),
}
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
    return Mail(
        subject="Set a new password",
        greeting=_greet(user),
        paragraphs=[
            f"A new password was requested for your account at {_host(mailer)}.",
            f"The link works once, until {_moment(expires_at)}.",
        ],
        action="Set a new password",
        link=link,
        note="If you did not ask for it, ignore this mail. Your password stays as it is.",
        server_name=_server_name(mailer),
    )


def _invitation(mailer: Mailer, user: User, link: str, expires_at: datetime, invited_by: str) -> Mail:
    return Mail(
        subject="You are invited to Tilfreds",
        greeting=_greet(user),
        paragraphs=[
            f"{invited_by or 'An owner'} invited you to the ratings at {_host(mailer)}. "
            f"Set a password to sign in as {user.email}.",
            f"The link works once, until {_moment(expires_at)}.",
        ],
        action="Accept the invitation",
        link=link,
        note="If you did not expect an invitation, ignore this mail.",
        server_name=_server_name(mailer),
    )


def make_test_mail(mailer: Mailer) -> Mail:
    """Return the mail that an owner sends to check the mail server."""
    return Mail(
        subject="Test mail of Tilfreds",
        greeting="Hello,",
        paragraphs=[
            "The mail server accepts mails from Tilfreds. Invitations and new passwords are sent like this one."
        ],
        action="Open the console",
        link=f"{mailer.config.base_url}/console/",
        note="An owner sent this test. There is nothing to do.",
        server_name=_server_name(mailer),
    )


def notify_change(mailer: Mailer, user: User, change: Change, now: datetime) -> None:
    """Tell a user by mail that a password, a passkey or a second factor was changed."""
    subject, sentence = CHANGES[change]
    _warn(mailer, user, subject, f"{sentence} It happened on {_moment(now)}.", now)


def notify_new_device(mailer: Mailer, user: User, browser: str, now: datetime) -> None:
    """Tell a user by mail about a sign-in from a browser without earlier sign-ins."""
    sentence = f"Your account was used to sign in from a new browser: {browser}, on {_moment(now)}."
    _warn(mailer, user, "New sign-in to your account", sentence, now)


def _warn(mailer: Mailer, user: User, subject: str, sentence: str, now: datetime) -> None:
    mail = Mail(
        subject=subject,
        greeting=_greet(user),
        paragraphs=[sentence, "If it was you, there is nothing to do."],
        action="Open your profile",
        link=mailer.config.base_url + PROFILE_PATH,
        note="If it was not you, change your password, end all other sessions, and tell an owner.",
        server_name=_server_name(mailer),
    )
    mailer.enqueue(user.email, mail, dedupe_key=f"warning:{new_id()}", now=now, expires_at=now + WARNING_LIFETIME)


def _greet(user: User) -> str:
    return f"Hello {user.name},"


def _host(mailer: Mailer) -> str:
    return urlsplit(mailer.config.base_url).netloc


def _server_name(mailer: Mailer) -> str:
    return f"Tilfreds, {_host(mailer)}"


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}, {at:%H:%M} UTC"
