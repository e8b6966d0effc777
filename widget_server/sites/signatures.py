"""Signatures of a site's back end, and the tokens of invitations and survey pages.

Every vote needs a root secret, so each process caches them by site. All processes use an added or retired secret
correctly within `FRESH_SECONDS`.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from ..core import tokens
from ..core.errors import Conflict, Forbidden, Unavailable
from ..storage.prepared import Transaction
from .models import SigningSecret, Site

FRESH_SECONDS = 5.0
SECRET_RETRY_SECONDS = 60
SIGNATURE_VERSION = "1"
SIGNATURE_PURPOSE = "visitor"


class SecretMissing(Unavailable):
    """The server's secret file is not the one with which the database was written: 503."""

    code = "secret_missing"

    def __init__(self) -> None:
        super().__init__(
            "The server's secret file does not fit its database; the operator has to restore the file, or to replace "
            "the site's signing secrets.",
            retry_after=SECRET_RETRY_SECONDS,
        )


@dataclass(frozen=True)
class SiteKey:
    """The derived keys of one root secret."""

    key_id: str
    visitor: bytes
    invitation: bytes
    survey: bytes
    retired_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        return self.retired_at is None or now < self.retired_at


def find_key(keys: Sequence[SiteKey], key_id: str, now: datetime) -> SiteKey | None:
    """Return the key with this id, or None if it is unknown or was retired before `now`."""
    return next((key for key in keys if key.key_id == key_id and key.is_valid(now)), None)


_cache: dict[tuple[UUID, Sequence[bytes]], tuple[float, list[SiteKey]]] = {}


def site_keys(transaction: Transaction, secret_keys: Sequence[bytes], site_id: UUID) -> list[SiteKey]:
    """Return the keys of a site, newest first.

    Raises: SecretMissing: a secret that is not retired cannot be read with the server's keys.
    """
    cached = _cache.get((site_id, tuple(secret_keys)))
    if cached is not None and time.monotonic() - cached[0] < FRESH_SECONDS:
        return cached[1]
    rows = transaction.execute(
        select(SigningSecret.key_id, SigningSecret.sealed, SigningSecret.retired_at)
        .where(SigningSecret.site_id == site_id)
        .order_by(SigningSecret.created_at.desc(), SigningSecret.key_id.desc())
    ).all()
    keys = []
    for key_id, sealed, retired_at in rows:
        try:
            root = tokens.unseal(secret_keys, sealed)
        except tokens.BadToken as error:
            if retired_at is not None:
                continue
            raise SecretMissing from error
        visitor, invitation = tokens.derive(root, "visitor"), tokens.derive(root, "invitation")
        keys.append(SiteKey(key_id, visitor, invitation, tokens.derive(root, "survey page"), retired_at))
    _cache[(site_id, tuple(secret_keys))] = (time.monotonic(), keys)
    return keys


#: Whether each sealed secret can be read, so that a health check unseals it once.
_is_readable: dict[tuple[bytes, Sequence[bytes]], bool] = {}


def find_unreadable_sites(transaction: Transaction, secret_keys: Sequence[bytes]) -> list[str]:
    """Return the keys of the sites with a signing secret in use that the server's keys cannot read."""
    query = (
        select(Site.key, SigningSecret.sealed)
        .join(Site, Site.id == SigningSecret.site_id)
        .where(SigningSecret.retired_at.is_(None), Site.removed_at.is_(None))
        .order_by(Site.key)
    )
    rows = transaction.execute(query).all()
    return list(dict.fromkeys(key for key, sealed in rows if not _can_read(tuple(secret_keys), sealed)))


def _can_read(secret_keys: tuple[bytes, ...], sealed: bytes) -> bool:
    is_readable = _is_readable.get((sealed, secret_keys))
    if is_readable is None:
        try:
            tokens.unseal(secret_keys, sealed)
            is_readable = True
        except tokens.BadToken:
            is_readable = False
        _is_readable[sealed, secret_keys] = is_readable
    return is_readable


def forget_keys(site_id: UUID) -> None:
    """Remove this site's keys from the cache."""
    for key in [key for key in _cache if key[0] == site_id]:
        del _cache[key]


def invitation_token(keys: Sequence[SiteKey], site_id: UUID, invitation_id: UUID) -> str:
    """Return the token of an invitation: `KEYID.` + base64url(invitation id + 128 bits of MAC).

    It is derived from the id, so every verified caller receives the same token.
    """
    key = keys[0]
    return f"{key.key_id}.{tokens.b64(invitation_id.bytes + _invitation_mac(key, site_id, invitation_id))}"


def read_invitation_token(keys: Sequence[SiteKey], site_id: UUID, token: str, now: datetime) -> UUID:
    """Return the id of the invitation that a token belongs to.

    Raises:
        Forbidden: the text is not a token of this site, or its key is retired.
    """
    key_id, _, body = token.partition(".")
    try:
        raw_token = tokens.unb64(body)
    except tokens.BadToken as error:
        raise Forbidden("Invitation token is invalid; reload the page.", code="bad_token") from error
    key = find_key(keys, key_id, now)
    if key is None or len(raw_token) != 16 + tokens.MAC_BYTES:
        raise Forbidden("Invitation token is invalid or its key is retired; reload the page.", code="bad_token")
    invitation_id = UUID(bytes=raw_token[:16])
    if not hmac.compare_digest(_invitation_mac(key, site_id, invitation_id), raw_token[16:]):
        raise Forbidden("Invitation token is invalid; reload the page.", code="bad_token")
    return invitation_id


def _invitation_mac(key: SiteKey, site_id: UUID, invitation_id: UUID) -> bytes:
    return tokens.mac(key.invitation, tokens.length_prefixed([str(site_id), str(invitation_id)]))[: tokens.MAC_BYTES]


def survey_token(keys: Sequence[SiteKey], site_id: UUID, vote_id: UUID, holder: str, expires: int) -> str:
    """Return the token of a vote's survey page: `KEYID.` + base64url(vote id + expiry + 128 bits of MAC).

    It is valid until `expires`, in Unix seconds, and while `holder` owns the vote. `holder` is the hash of the client's
    id; the token does not contain it.
    """
    key = keys[0]
    mac = _survey_mac(key, site_id, vote_id, holder, expires)
    return f"{key.key_id}.{tokens.b64(vote_id.bytes + expires.to_bytes(8) + mac)}"


def read_survey_token(
    keys: Sequence[SiteKey], site_id: UUID, token: str, now: datetime, holder_of: Callable[[UUID], str | None]
) -> UUID:
    """Return the id of the vote whose survey page a token opens.

    Raises:
        Forbidden: the text is not a token of this site, its key is retired, or another client owns the vote now.
        Conflict: the token has expired.
    """
    key_id, _, body = token.partition(".")
    try:
        raw_token = tokens.unb64(body)
    except tokens.BadToken as error:
        raise Forbidden("Survey link is invalid; open it from the card again.", code="bad_token") from error
    key = find_key(keys, key_id, now)
    if key is None or len(raw_token) != 24 + tokens.MAC_BYTES:
        raise Forbidden("Survey link is invalid or its key is retired; open it from the card again.", code="bad_token")
    vote_id, expires = UUID(bytes=raw_token[:16]), int.from_bytes(raw_token[16:24])
    holder = holder_of(vote_id) or ""
    if not hmac.compare_digest(_survey_mac(key, site_id, vote_id, holder, expires), raw_token[24:]):
        raise Forbidden(
            "Survey link is invalid or belongs to an earlier answer; open it from the card again.", code="bad_token"
        )
    if expires < now.timestamp():
        raise Conflict("Survey link has expired; open it from the card again.", code="expired")
    return vote_id


def _survey_mac(key: SiteKey, site_id: UUID, vote_id: UUID, holder: str, expires: int) -> bytes:
    fields = [str(site_id), str(vote_id), holder, str(expires)]
    return tokens.mac(key.survey, tokens.length_prefixed(fields))[: tokens.MAC_BYTES]


def signature_fields(site_key: str, kind: str, subject: str, visitor: str, role: str, expires: int) -> list[str]:
    """Return the fields that a back end signs, in their order."""
    return [SIGNATURE_VERSION, SIGNATURE_PURPOSE, site_key, kind, subject, visitor, role, str(expires)]


def check_signature(
    keys: Sequence[SiteKey],
    site_key: str,
    *,
    signature: str,
    kind: str,
    subject: str,
    visitor: str,
    expires: int,
    pressed_at: datetime,
    now: datetime,
) -> None:
    """Check that the site's back end signed these fields for a visitor.

    Raises:
        Forbidden: the signature is wrong, has expired, or is a staff member's (code `staff`).
    """
    try:
        key_id, signed_mac = tokens.split_signature(signature)
    except tokens.BadToken as error:
        raise Forbidden(f"The signature cannot be read: {error}.", code="bad_signature") from error
    key = find_key(keys, key_id, now)
    if key is None:
        raise Forbidden(
            "The signature's key is unknown or retired; sign with a current signing secret.", code="bad_signature"
        )
    for role in ("visitor", "staff"):
        fields = signature_fields(site_key, kind, subject, visitor, role, expires)
        if hmac.compare_digest(tokens.mac(key.visitor, tokens.length_prefixed(fields)), signed_mac):
            break
    else:
        raise Forbidden(
            "The signature does not match these fields; sign exactly the values that the page sends.",
            code="bad_signature",
        )
    if role == "staff":
        raise Forbidden("Staff cannot rate; sign in as a visitor.", code="staff")
    if expires < pressed_at.timestamp():
        raise Forbidden("The signature has expired; reload the page.", code="signature_expired")
