"""Time-based one-time codes (RFC 6238) of authenticator apps. Flushes, never commits."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import select, update

from ..core import tokens
from ..core.errors import Conflict, Invalid
from ..core.marked_texts import N_, marked
from ..storage.db import db
from . import users
from .factor_models import TotpFactor
from .models import User

log = logging.getLogger("tilfreds.access")

ISSUER = "Tilfreds"
#: How many steps of 30 seconds the clock of an app may differ.
MAX_DRIFT = 1
MAX_APPS = 10
#: How long the page with the QR code can be used.
SETUP_LIFETIME = timedelta(minutes=15)
WRONG_CODE = N_("This code is wrong or was used before. Enter the code that the app shows now.")


def create_setup(secret_keys: Sequence[bytes], user: User, now: datetime) -> tuple[str, str]:
    """Return a new secret, and the sealed text with which `add_totp` accepts it. Nothing is stored."""
    secret = pyotp.random_base32()
    return secret, _seal_setup(secret_keys, user.id, secret, now)


def read_setup(secret_keys: Sequence[bytes], user: User, setup: str, now: datetime) -> str:
    """Return the secret of a sealed set-up.

    Raises: Invalid: it is older than `SETUP_LIFETIME`, or belongs to another user.
    """
    try:
        content = json.loads(tokens.unseal(secret_keys, setup.encode()))
    except (tokens.BadToken, ValueError):
        content = {}
    if content.get("user") != user.id.hex or content.get("until", 0) < now.timestamp():
        raise Invalid("This QR code has expired. Scan the new one.", code="setup_expired")
    return str(content["secret"])


def setup_address(secret: str, email: str) -> str:
    """Return the `otpauth:` address that a QR code contains."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def add_totp(secret_keys: Sequence[bytes], user: User, setup: str, name: str, code: str, now: datetime) -> TotpFactor:
    """Store an authenticator app after its first code.

    Raises:
        Invalid: the code is wrong, or the set-up has expired.
        Conflict: the user has `MAX_APPS` already, or an app with this secret, which would accept each code twice.
    """
    secret = read_setup(secret_keys, user, setup, now)
    step = find_step(secret, code, now, after=0)
    if step is None:
        raise Invalid(WRONG_CODE, pointer="/code")
    users.lock_user(user)
    apps = list_totp(user.id)
    if any(_read_secret(secret_keys, app) == secret for app in apps):
        raise Conflict("This app was added before. Your profile creates new recovery codes.", code="app_exists")
    if len(apps) >= MAX_APPS:
        raise Conflict(
            marked("You have %(max_apps)s authenticator apps. Remove one first.", max_apps=MAX_APPS),
            code="too_many_factors",
        )
    sealed = tokens.seal(secret_keys, secret.encode())
    factor = TotpFactor(user_id=user.id, name=name, sealed=sealed, last_step=step, created_at=now)
    db.session.add(factor)
    db.session.flush()
    return factor


def list_totp(user_id: UUID) -> Sequence[TotpFactor]:
    """Return the authenticator apps of a user, the oldest first."""
    return db.session.scalars(select(TotpFactor).where(TotpFactor.user_id == user_id).order_by(TotpFactor.id)).all()


def use_totp_code(secret_keys: Sequence[bytes], user_id: UUID, code: str, now: datetime) -> bool:
    """Return whether an app of the user shows this code now, and mark its time step as used.

    The condition of the update admits one of two simultaneous uses.
    """
    for factor in list_totp(user_id):
        secret = _read_secret(secret_keys, factor)
        step = find_step(secret, code, now, after=factor.last_step) if secret else None
        if step is None:
            continue
        statement = update(TotpFactor).where(TotpFactor.id == factor.id, TotpFactor.last_step < step)
        if db.session.execute(statement.values(last_step=step)).rowcount == 1:  # type: ignore[attr-defined]
            return True
    return False


def find_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the time step of a code, at most `MAX_DRIFT` away and later than `after`; None if it is wrong."""
    app, digits = pyotp.TOTP(secret), "".join(code.split())
    current_step = app.timecode(now)
    steps = range(max(current_step - MAX_DRIFT, after + 1), current_step + MAX_DRIFT + 1)
    # Every step is compared, so that the time does not depend on which one fits.
    matches = [step for step in steps if strings_equal(app.generate_otp(step), digits)]
    return matches[0] if matches else None


def _read_secret(secret_keys: Sequence[bytes], factor: TotpFactor) -> str | None:
    """Return the secret of an app; None if it was sealed with another server secret."""
    try:
        return tokens.unseal(secret_keys, factor.sealed).decode()
    except tokens.BadToken:
        log.warning("the secret of an authenticator app cannot be read: it was sealed with another server secret")
        return None


def _seal_setup(secret_keys: Sequence[bytes], user_id: UUID, secret: str, now: datetime) -> str:
    content = {"user": user_id.hex, "secret": secret, "until": (now + SETUP_LIFETIME).timestamp()}
    return tokens.seal(secret_keys, json.dumps(content).encode()).decode()
