"""Erasure of a visitor in one transaction.

The votes stay as anonymous counts; identities, texts and pictures are deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from ..conversations.models import Conversation, Message
from ..conversations.service import hash_erased_browser, publish_change
from ..core import clock
from ..invitations import transitions
from ..invitations.models import Invitation
from ..invitations.snapshot import PERSONAL
from ..ratings.models import Vote
from ..ratings.personal_rows import lock_conversation_rows, lock_personal_rows
from ..ratings.subject_target import erased_voter
from ..ratings.word_erasure import erase_vote
from ..sites.models import Site
from ..storage.counters import defer_counts, write_deferred_counts
from ..storage.db import db
from ..visitors.erasures import hash_person, remember_erasure
from ..visitors.models import Visitor
from ..visitors.service import get_visitor

#: The text of an erased message. The message stays, so that the transcript keeps its shape.
ERASED_TEXT = ""
CONVERSATION_FIELDS = ("customer_reference", "page", "title", "unverified_id", "visitor_id")


def erase_visitor(site: Site, external_id: str, erased_at: datetime | None = None) -> int:
    """Erase a visitor and return how many conversations were cleared. Counts of votes do not change.

    Open invitations end. An answer from before `erased_at`, by default now, is stored without words when it arrives.
    """
    visitor = get_visitor(site.id, external_id)
    personal_rows, at = lock_personal_rows(visitor), erased_at or clock.now()
    defer_counts(db.session.connection())
    for conversation in personal_rows.conversations:
        _clear_conversation(conversation, at)
    for invitation in personal_rows.invitations:
        _clear_invitation(invitation, at)
    person_hash = hash_person(site.id, external_id)
    _free_voter(personal_rows.votes, erased_voter(person_hash))
    for vote in personal_rows.votes:
        if vote.voter is not None:
            # A merged visitor has an earlier rating of the same subject with another voter.
            is_current = vote.voter == f"v:{visitor.id}"
            vote.voter = erased_voter(person_hash) if is_current else f"e:{vote.id}"
        _clear_vote(vote, at)
    remember_erasure(site.id, external_id, at)
    db.session.execute(delete(Visitor).where(Visitor.site_id == site.id, Visitor.id == visitor.id))
    # The counters come last, because other transactions wait for these shared rows.
    write_deferred_counts(db.session.connection())
    return len(personal_rows.conversations)


def erase_conversation(conversation: Conversation, erased_at: datetime | None = None) -> None:
    """Erase what a conversation contains, with its ratings' words. Scores and counts stay, and so does the visitor.

    Open invitations end. An answer from before `erased_at`, by default now, is stored without words when it arrives.
    """
    rows, at = lock_conversation_rows(conversation), erased_at or clock.now()
    defer_counts(db.session.connection())
    _clear_conversation(conversation, at)
    for invitation in rows.invitations:
        _clear_invitation(invitation, at)
    for vote in rows.votes:
        _clear_vote(vote, at)
    write_deferred_counts(db.session.connection())


def _clear_vote(vote: Vote, at: datetime) -> None:
    vote.visitor_id, vote.page = None, None
    # The reason of an exclusion may describe the person; that, when and by whom it was excluded stays.
    vote.exclusion_reason = None
    erase_vote(vote, at)


def _clear_conversation(conversation: Conversation, at: datetime) -> None:
    if conversation.browser_hash is not None:
        conversation.browser_hash = hash_erased_browser(conversation.browser_hash)
    for name in CONVERSATION_FIELDS:
        setattr(conversation, name, None)
    conversation.external_id = f"erased:{conversation.id}"
    conversation.custom_fields = {}
    conversation.erased_at = at
    db.session.execute(
        update(Message)
        .where(Message.site_id == conversation.site_id, Message.conversation_id == conversation.id)
        .values(text=ERASED_TEXT)
    )
    publish_change(conversation)


def _clear_invitation(invitation: Invitation, at: datetime) -> None:
    transitions.withdraw(invitation, at)
    invitation.visitor_id = None
    invitation.erased_at = at
    if invitation.external_id is not None:
        invitation.external_id = f"erased:{invitation.id}"
    invitation.context = erase_from_context(invitation.context)
    if invitation.segment_id is not None:
        # The conversation may belong to another visitor now, who keeps the messages of other segments.
        db.session.execute(
            update(Message)
            .where(Message.site_id == invitation.site_id, Message.segment_id == invitation.segment_id)
            .values(text=ERASED_TEXT)
        )


def erase_from_context(context: dict[str, Any]) -> dict[str, Any]:
    """Return a frozen context without personal values: {} for the custom fields, None for the others."""
    return {**context, **{name: {} if name == "custom_fields" else None for name in PERSONAL}}


def _free_voter(votes: Sequence[Vote], voter: str) -> None:
    """Rename the voter of votes on the same subjects that an earlier erasure of the same visitor left."""
    subject_ids = {vote.subject_id for vote in votes if vote.subject_id is not None}
    if not subject_ids:
        return
    earlier_votes = select(Vote).where(
        Vote.site_id == votes[0].site_id, Vote.subject_id.in_(subject_ids), Vote.voter == voter
    )
    for vote in db.session.scalars(earlier_votes.order_by(Vote.id).with_for_update()):
        vote.voter = f"e:{vote.id}"
    db.session.flush()
