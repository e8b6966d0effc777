"""A person forgot a password and asks for a mail with a link. Flushes, never commits.

The request stores the typed address, whether an account has it or not. The sender looks for the account later, so the
answer and its time say nothing about the account.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..outbound import deliveries
from ..outbound.mails import Mailer
from ..storage.db import new_id
from . import account_links, account_mails
from .users import find_user, to_email

KIND = "password_reset"
LIFETIME = timedelta(hours=1)


def request_reset(mailer: Mailer, email: str, now: datetime) -> None:
    """Store that a person wants a new password for an e-mail address; without a mail server only check the address.

    Raises: Invalid: it is no address.
    """
    address = to_email(email)
    if not mailer.is_set_up():
        return
    deliveries.enqueue(
        mailer.config.secret_keys,
        KIND,
        {"email": address, "language": mailer.language},
        # People type passwords into the wrong field, so what they typed is stored only in the sealed payload.
        recipient="",
        dedupe_key=f"{KIND}:{new_id()}",
        now=now,
        expires_at=now + LIFETIME,
    )


def answer_request(mailer: Mailer, payload: dict[str, Any], now: datetime) -> None:
    """Create the link and store its mail, if an account has the address and may sign in.

    Earlier links stay valid, so that a stranger's request does not take an invitation away.
    """
    user = find_user(payload["email"])
    if user is None or user.disabled_at is not None:
        return
    link, expires_at = account_links.create_link(mailer.config.base_url, user, now, replaces_earlier=False)
    mailer = replace(mailer, language=payload["language"])
    account_mails.send_link(mailer, user, link, now, expires_at)
