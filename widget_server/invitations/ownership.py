"""Whose conversation a page may speak for. Neither the site's key nor a conversation's id proves anything: both are
seen by many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..conversations.models import Conversation
from ..conversations.queries import by_browser, by_external_id, latest_of_visitor
from ..conversations.service import is_staff, make_conversation
from ..core import tokens
from ..core.errors import Forbidden, Invalid, NotFound
from ..sites.models import Site
from ..sites.signatures import SiteKey, check_signature
from ..sites.site_cache import SiteSettings
from ..storage.db import db
from ..storage.prepared import Transaction
from ..visitors.models import Visitor
from ..visitors.service import find_visitor, remember_visitor


@dataclass(frozen=True)
class Claim:
    """What a page says of itself; `pressed_at` is compared with the signature's end."""

    conversation: str | None
    browser: str | None
    visitor: str | None
    signature: str | None
    expires: int | None
    pressed_at: datetime
    page: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Proven:
    """The conversation a page may end or rate, and by what: signature, browser, or page (it only claims)."""

    conversation: Conversation
    proof: str


def find_proven(site: Site, keys: Sequence[SiteKey], claim: Claim, now: datetime) -> Proven | None:
    """The proven conversation that is already there; reads only. None for a claim, whatever the back end has.

    None too for a true signature whose conversation is missing: the back end may tell of it in a moment. Somebody
    else's is the same.
    """
    if claim.signature is not None:
        scope = check_visitor(db.session, site, keys, claim, now)
        try:
            conversation = _signed_conversation(site, claim, scope)
        except (Forbidden, NotFound):
            return None
        return Proven(conversation, "signature") if conversation else None
    named = by_browser(site.id, _hash(claim))
    return Proven(named, "browser") if named is not None and named.external_id is not None else None


def find_or_make(
    site: Site, keys: Sequence[SiteKey], claim: Claim, now: datetime, has_room: Callable[[], bool]
) -> Proven | None:
    """The proven conversation, else one apart that holds nothing but this page's claim.

    None for a new claim where there is no room for one.
    """
    if claim.signature is not None:
        scope = check_visitor(db.session, site, keys, claim, now)
        return Proven(_signed_conversation(site, claim, scope) or _make_signed(site, claim), "signature")
    proven = find_proven(site, keys, claim, now)
    if proven is not None:
        return proven
    browser_hash = _hash(claim)
    claimed = by_browser(site.id, browser_hash)
    if claimed is None:
        if not has_room():
            return None
        claimed = make_conversation(
            site,
            browser_hash=browser_hash,
            claimed_id=claim.conversation,
            page=claim.page,
            language=claim.language,
        )
    return Proven(claimed, "page")


def check_visitor(
    transaction: Transaction,
    site: Site | SiteSettings,
    keys: Sequence[SiteKey],
    claim: Claim,
    now: datetime,
    kind: str = "conversation",
) -> str:
    """What the signature proves, "subject" or only the "visitor"; a 403 when it proves neither, or for staff."""
    if claim.expires is None:
        raise Invalid("A signature comes with its `expires`.", pointer="/expires")
    visitor = claim.visitor or ""
    subject = claim.conversation or ""
    if visitor and is_staff(transaction, site.id, visitor):
        raise Forbidden("Staff do not rate.", code="staff")
    forms = [("subject", kind, subject)] if subject else []
    if visitor:
        forms.append(("visitor", "", ""))
    refusal = Forbidden("A signature proves a visitor or a subject; neither was given.", code="bad_signature")
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
            refusal = error
    raise refusal


def _signed_conversation(site: Site, claim: Claim, scope: str) -> Conversation | None:
    visitor = find_visitor(site.id, claim.visitor) if claim.visitor else None
    if claim.conversation is None:
        found = latest_of_visitor(site.id, visitor.id) if visitor else None
        if found is None:
            raise NotFound("The back end made no conversation for this visitor.", code="no_conversation")
        return found
    conversation = by_external_id(site.id, claim.conversation)
    owner = conversation.visitor_id if conversation else None
    if scope == "subject":
        if owner is not None and claim.visitor and (visitor is None or visitor.id != owner):
            raise Forbidden("The conversation is another visitor's.", code="bad_signature")
        return conversation
    if visitor is None or owner != visitor.id:
        # The same for a missing conversation and for somebody else's: a visitor learns of their own alone.
        raise Forbidden("The signature proves the visitor, not this conversation.", code="bad_signature")
    return conversation


def _make_signed(site: Site, claim: Claim) -> Conversation:
    """The signature names a conversation the back end has not told us of: its word is enough to make it."""
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


def _hash(claim: Claim) -> str:
    if not claim.browser:
        raise Invalid("Send the browser's secret or a signature.", pointer="/browser")
    return tokens.digest(claim.browser)
