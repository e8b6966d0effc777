"""Checks of which conversation a page may end or rate.

The site's key and a conversation's id prove nothing, because many people see them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..conversations.models import Conversation
from ..conversations.queries import find_by_browser, find_conversation, find_latest_of_visitor
from ..conversations.service import hash_erased_browser, is_staff, make_conversation
from ..core import tokens
from ..core.errors import Conflict, Forbidden, Invalid, NotFound
from ..sites.models import Site
from ..sites.signatures import SiteKey, check_signature
from ..sites.site_cache import SiteSettings
from ..storage.db import db
from ..storage.prepared import Transaction
from ..visitors.models import Visitor
from ..visitors.service import find_visitor, remember_visitor


@dataclass(frozen=True)
class Claim:
    """A page's unverified claim. `pressed_at` is compared with the end of the signature."""

    conversation: str | None
    browser: str | None
    visitor: str | None
    signature: str | None
    expires: int | None
    pressed_at: datetime
    page: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class OwnedConversation:
    """A conversation that a page may end or rate, with its proof: signature, browser, or page (an unverified claim)."""

    conversation: Conversation
    proof: str


def find_owned_conversation(
    site: Site, keys: Sequence[SiteKey], claim: Claim, now: datetime
) -> OwnedConversation | None:
    """Return the existing conversation that the page proves as its visitor's, or None. Writes nothing.

    None also if a valid signature names no known conversation, as the back end may create it soon, or one of another
    visitor. Raises `Forbidden` for an invalid signature and for staff, `Invalid` for missing fields.
    """
    if claim.signature is not None:
        scope = check_visitor(db.session, site, keys, claim, now)
        try:
            conversation = _signed_conversation(site, claim, scope)
        except (Forbidden, NotFound):
            return None
        return OwnedConversation(conversation, "signature") if conversation else None
    conversation = find_by_browser(site.id, _browser_hash(claim))
    if conversation is None or conversation.external_id is None:
        return None
    return OwnedConversation(conversation, "browser")


def find_or_make_conversation(
    site: Site, keys: Sequence[SiteKey], claim: Claim, now: datetime, has_room: Callable[[], bool]
) -> OwnedConversation | None:
    """Return the conversation that the page proves, or a separate one that holds only this page's claim.

    None for a new claim if `has_room` is false. Raises as `find_owned_conversation`, `Forbidden` or `NotFound` if a
    signature names no conversation of the visitor, and `Conflict` if the browser's chat was erased.
    """
    if claim.signature is not None:
        scope = check_visitor(db.session, site, keys, claim, now)
        return OwnedConversation(_signed_conversation(site, claim, scope) or _make_signed(site, claim), "signature")
    owned_conversation = find_owned_conversation(site, keys, claim, now)
    if owned_conversation is not None:
        return owned_conversation
    browser_hash = _browser_hash(claim)
    claimed_conversation = find_by_browser(site.id, browser_hash)
    if claimed_conversation is None:
        if find_by_browser(site.id, hash_erased_browser(browser_hash)) is not None:
            raise Conflict("This chat was erased; reload the page to start another one.", code="erased")
        if not has_room():
            return None
        claimed_conversation = make_conversation(
            site,
            browser_hash=browser_hash,
            unverified_id=claim.conversation,
            page=claim.page,
            language=claim.language,
        )
    return OwnedConversation(claimed_conversation, "page")


def check_visitor(
    transaction: Transaction,
    site: Site | SiteSettings,
    keys: Sequence[SiteKey],
    claim: Claim,
    now: datetime,
    kind: str = "conversation",
) -> str:
    """Return what the signature proves: "subject", or only "visitor".

    Raises `Forbidden` if it proves neither or if the visitor is staff, `Invalid` if `expires` is missing.
    """
    if claim.expires is None:
        raise Invalid("Signature must come with `expires`, the end of its validity. Send both.", pointer="/expires")
    visitor, subject = claim.visitor or "", claim.conversation or ""
    if visitor and is_staff(transaction, site.id, visitor):
        raise Forbidden("Staff cannot rate their own work.", code="staff")
    forms = [("subject", kind, subject)] if subject else []
    if visitor:
        forms.append(("visitor", "", ""))
    signature_error = Forbidden("Signature needs a visitor or a subject. Send what it signs.", code="bad_signature")
    for scope, signed_kind, signed_subject in forms:
        try:
            check_signature(
                keys,
                site.key,
                signature=claim.signature or "",
                kind=signed_kind,
                subject=signed_subject,
                visitor=visitor,
                expires=claim.expires,
                pressed_at=claim.pressed_at,
                now=now,
            )
            return scope
        except Forbidden as error:
            if error.code != "bad_signature":
                raise
            signature_error = error
    raise signature_error


def _signed_conversation(site: Site, claim: Claim, scope: str) -> Conversation | None:
    visitor = find_visitor(site.id, claim.visitor) if claim.visitor else None
    if claim.conversation is None:
        latest_conversation = find_latest_of_visitor(site.id, visitor.id) if visitor else None
        if latest_conversation is None:
            detail = "The visitor has no conversation. Create one with PUT /api/v1/conversations/{id}."
            raise NotFound(detail, code="no_conversation")
        return latest_conversation
    conversation = find_conversation(site.id, claim.conversation)
    owner = conversation.visitor_id if conversation else None
    if scope == "subject":
        if owner is not None and claim.visitor and (visitor is None or visitor.id != owner):
            raise Forbidden("The conversation belongs to another visitor.", code="bad_signature")
        return conversation
    if visitor is None or owner != visitor.id:
        # The same answer for a missing conversation and another visitor's, so that no visitor learns which ids exist.
        detail = "The signature proves the visitor, not this conversation. Sign the conversation, too."
        raise Forbidden(detail, code="bad_signature")
    return conversation


def _make_signed(site: Site, claim: Claim) -> Conversation:
    """Create a conversation that a signature names before the back end sent it; the signature is proof enough."""
    visitor: Visitor | None = remember_visitor(site.id, claim.visitor) if claim.visitor else None
    conversation = make_conversation(
        site,
        external_id=claim.conversation,
        visitor_id=visitor.id if visitor else None,
        page=claim.page,
        language=claim.language,
    )
    db.session.flush()
    return conversation


def _browser_hash(claim: Claim) -> str:
    if not claim.browser:
        raise Invalid("Identity is missing. Send the browser's secret or a signature.", pointer="/browser")
    return tokens.digest(claim.browser)
