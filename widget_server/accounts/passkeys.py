"""Passkeys (WebAuthn): registration, and sign-in without a password. Flushes, never commits.

User verification is required, so a passkey proves possession and a PIN or fingerprint: both factors at once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import or_, select, update

from ..core import tokens
from ..core.errors import Conflict, Invalid, Unauthorized
from ..core.marked_texts import N_, marked
from ..storage.db import db
from . import users
from .factor_models import Passkey
from .models import User

log = logging.getLogger("tilfreds.access")

RP_NAME = "Tilfreds"
#: How long the browser may take to ask the person.
CHALLENGE_LIFETIME = timedelta(minutes=5)
MAX_PASSKEYS = 20
MAX_ANSWER_LENGTH = 10_000
REJECTED = N_("This passkey was not accepted. Try again, or sign in with your password.")


def make_server(base_url: str) -> Fido2Server:
    """Return the WebAuthn server of a public address: its host is the RP id, its origin the only accepted one."""
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    rp = PublicKeyCredentialRpEntity(name=RP_NAME, id=parts.hostname)
    return Fido2Server(rp, verify_origin=lambda candidate: candidate == origin)


def creation_options(server: Fido2Server, secret_keys: Sequence[bytes], user: User, now: datetime) -> dict[str, Any]:
    """Return the options with which a browser creates a passkey, and the sealed state of `add_passkey`."""
    options, state = server.register_begin(
        PublicKeyCredentialUserEntity(id=user.id.bytes, name=user.email, display_name=user.name),
        [AttestedCredentialData(passkey.credential) for passkey in list_passkeys(user.id)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return {**dict(options), "state": _seal(secret_keys, f"create {user.id.hex}", state, now)}


def request_options(server: Fido2Server, secret_keys: Sequence[bytes], now: datetime) -> dict[str, Any]:
    """Return the options with which a browser asks for any passkey of this server. They name no account."""
    options, state = server.authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    return {**dict(options), "state": _seal(secret_keys, "get", state, now)}


def add_passkey(
    server: Fido2Server, secret_keys: Sequence[bytes], user: User, state: str, answer: str, name: str, now: datetime
) -> Passkey:
    """Store a new passkey.

    Raises:
        Invalid: the browser's answer does not belong to the challenge, or lacks the verification of the person.
        Conflict: the passkey is stored already, or the user has `MAX_PASSKEYS`.
    """
    try:
        challenge, _ = _unseal(secret_keys, f"create {user.id.hex}", state, now)
        data: AuthenticatorData = server.register_complete(challenge, _parse(answer))
    except Exception as error:
        # The answer is untrusted, and its parsers raise many kinds of errors.
        log.info("a new passkey was rejected: %s", type(error).__name__)
        raise Invalid("The passkey could not be added. Try again.", pointer="/credential") from error
    credential = data.credential_data
    assert credential is not None
    users.lock_user(user)
    if len(list_passkeys(user.id)) >= MAX_PASSKEYS:
        raise Conflict(
            marked("You have %(max_passkeys)s passkeys. Remove one first.", max_passkeys=MAX_PASSKEYS),
            code="too_many_factors",
        )
    if _find_passkey(credential.credential_id) is not None:
        raise Conflict("This passkey was added before.", code="passkey_exists")
    passkey = Passkey(
        user_id=user.id,
        name=name,
        credential_id=credential.credential_id,
        credential=bytes(credential),
        sign_count=data.counter,
        created_at=now,
        last_used_at=now,
    )
    db.session.add(passkey)
    db.session.flush()
    return passkey


def list_passkeys(user_id: UUID) -> Sequence[Passkey]:
    """Return the passkeys of a user, the oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)).all()


def use_passkey(server: Fido2Server, secret_keys: Sequence[bytes], state: str, answer: str, now: datetime) -> User:
    """Return the user whose passkey signed the challenge, and store the use.

    Raises: Unauthorized: the same for an unknown passkey, a wrong signature, a copied key and a disabled account.
    """
    try:
        challenge, issued_at = _unseal(secret_keys, "get", state, now)
        response = AuthenticationResponse.from_dict(_parse(answer))
        passkey = _find_passkey(response.raw_id)
        credentials = [AttestedCredentialData(passkey.credential)] if passkey else []
        server.authenticate_complete(challenge, credentials, response)
    except Exception as error:
        # The answer is untrusted, and its parsers raise many kinds of errors.
        log.info("a passkey was rejected: %s", type(error).__name__)
        raise Unauthorized(REJECTED, code="wrong_passkey") from error
    assert passkey is not None
    user = db.session.get(User, passkey.user_id)
    handle = response.response.user_handle
    is_of_user = handle is None or handle == passkey.user_id.bytes
    if user is None or user.disabled_at is not None or not is_of_user:
        raise Unauthorized(REJECTED, code="wrong_passkey")
    _store_use(passkey, response.response.authenticator_data.counter, issued_at, now)
    return user


def _store_use(passkey: Passkey, count: int, issued_at: datetime, now: datetime) -> None:
    """Store the count of signatures and the time. The condition admits one of two simultaneous uses.

    Raises: Unauthorized: the count did not grow, so the key may have been copied; or the challenge was used before.
    """
    is_counted = or_(Passkey.sign_count < count, (Passkey.sign_count == 0) & (count == 0))
    statement = update(Passkey).where(Passkey.id == passkey.id, is_counted, Passkey.last_used_at < issued_at)
    result = db.session.execute(statement.values(sign_count=count, last_used_at=now))
    if result.rowcount != 1:  # type: ignore[attr-defined]
        log.warning("passkey %s was used twice with one challenge, or its count did not grow: a copy?", passkey.id)
        raise Unauthorized(REJECTED, code="wrong_passkey")


def _find_passkey(credential_id: bytes) -> Passkey | None:
    return db.session.scalars(select(Passkey).where(Passkey.credential_id == credential_id)).one_or_none()


def _parse(answer: str) -> dict[str, Any]:
    if len(answer) > MAX_ANSWER_LENGTH:
        raise ValueError("too long")
    parsed: dict[str, Any] = json.loads(answer)
    return parsed


def _seal(secret_keys: Sequence[bytes], purpose: str, state: dict[str, Any], now: datetime) -> str:
    content = {"purpose": purpose, "state": state, "at": now.isoformat()}
    return tokens.seal(secret_keys, json.dumps(content).encode()).decode()


def _unseal(secret_keys: Sequence[bytes], purpose: str, sealed: str, now: datetime) -> tuple[dict[str, Any], datetime]:
    """Return the state of a challenge and when it was issued.

    Raises: ValueError: it is for another purpose, or older than `CHALLENGE_LIFETIME`.
    """
    content = json.loads(tokens.unseal(secret_keys, sealed.encode()))
    issued_at = datetime.fromisoformat(content["at"])
    if content["purpose"] != purpose or now - issued_at > CHALLENGE_LIFETIME:
        raise ValueError("another purpose, or expired")
    return content["state"], issued_at
