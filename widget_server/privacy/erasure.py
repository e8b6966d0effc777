"""Erasure of a visitor or a site in one transaction.

The votes stay as anonymous counts; identities, texts and pictures are deleted.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from ..conversations.models import Conversation, Message, Segment
from ..conversations.service import touch_conversation
from ..core import clock, tokens
from ..core.errors import NotFound
from ..invitations.models import Invitation
from ..invitations.snapshot import PERSONAL
from ..ratings.models import Screenshot, Vote, VoteChange
from ..sites import service as sites
from ..sites.models import Site
from ..storage.db import db
from ..surveys.follow_up import read_questions
from ..surveys.models import SurveyRevision
from ..surveys.questions.kinds import FREE_TEXT
from ..visitors.models import Visitor
from ..visitors.service import find_visitor

#: The text of an erased message. The message stays, so that the transcript keeps its shape.
ERASED_TEXT = ""
#: The ledger of erasures, beside the database and in no backup, so that restoring a backup can repeat them.
ERASED_FILE = "erased"
NEVER, ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
CONVERSATION_FIELDS = ("customer_reference", "page", "title", "browser_hash", "unverified_id", "visitor_id")


def erase_visitor(site: Site, external_id: str) -> int:
    """Erase a visitor and return how many conversations were cleared. Tallies do not change."""
    visitor = find_visitor(site.id, external_id)
    if visitor is None:
        raise NotFound("Visitor not found.")
    conversations = db.session.scalars(
        select(Conversation).where(Conversation.site_id == site.id, Conversation.visitor_id == visitor.id)
    ).all()
    for conversation in conversations:
        _clear_conversation(conversation)
    _clear_invitations(site.id, visitor, [conversation.id for conversation in conversations])
    _clear_votes(site.id, visitor)
    db.session.flush()
    db.session.execute(delete(Visitor).where(Visitor.site_id == site.id, Visitor.id == visitor.id))
    return len(conversations)


def _clear_conversation(conversation: Conversation) -> None:
    for name in CONVERSATION_FIELDS:
        setattr(conversation, name, None)
    conversation.external_id = f"erased:{conversation.id}"
    conversation.custom_fields = {}
    conversation.erased_at = clock.now()
    db.session.execute(
        update(Message)
        .where(Message.site_id == conversation.site_id, Message.conversation_id == conversation.id)
        .values(text=ERASED_TEXT)
    )
    touch_conversation(conversation)


def _clear_invitations(site_id: UUID, visitor: Visitor, conversation_ids: Sequence[UUID]) -> None:
    segments = select(Segment.id).where(Segment.site_id == site_id, Segment.conversation_id.in_(conversation_ids))
    query = select(Invitation).where(
        Invitation.site_id == site_id, (Invitation.visitor_id == visitor.id) | Invitation.segment_id.in_(segments)
    )
    for invitation in db.session.scalars(query):
        invitation.visitor_id = None
        if invitation.external_id is not None:
            invitation.external_id = f"erased:{invitation.id}"
        invitation.context = erase_from_context(invitation.context)
        _clear_votes_of(site_id, Vote.asked_id == invitation.id)


def erase_from_context(context: dict[str, Any]) -> dict[str, Any]:
    """Return a frozen context without personal values: {} for the custom fields, None for the others."""
    return {**context, **{name: {} if name == "custom_fields" else None for name in PERSONAL}}


def _clear_votes(site_id: UUID, visitor: Visitor) -> None:
    _clear_votes_of(site_id, Vote.visitor_id == visitor.id)


def _clear_votes_of(site_id: UUID, condition: ColumnElement[bool]) -> None:
    votes = db.session.scalars(select(Vote).where(Vote.site_id == site_id, condition)).all()
    for vote in votes:
        vote.comment, vote.comment_folded, vote.page, vote.visitor_id = None, None, None, None
        # The reason of an exclusion may describe the person; that, when and by whom it was excluded stays.
        vote.exclusion_reason = None
        # A client that holds the vote, such as an open survey page, can add nothing more.
        vote.client_hash = tokens.digest(f"erased:{vote.id}")
        vote.answers = _without_writing(vote)
        if vote.voter is not None:
            vote.voter = f"e:{vote.id}"
        db.session.execute(
            update(VoteChange)
            .where(VoteChange.site_id == site_id, VoteChange.vote_id == vote.id)
            .values(comment=None, answers={})
        )
        db.session.execute(delete(Screenshot).where(Screenshot.site_id == site_id, Screenshot.vote_id == vote.id))


def remove_site(site: Site) -> None:
    """Remove a site and its screenshots. Votes stay, and nothing more is accepted for the site."""
    # First, so that a screenshot on its way is either deleted here or rejected there.
    sites.remove_site(site)
    db.session.execute(delete(Screenshot).where(Screenshot.site_id == site.id))


def _without_writing(vote: Vote) -> dict[str, Any]:
    """Return the answers without free texts. Choices stay, as they are counted and contain no text of the visitor."""
    revision = db.session.get_one(SurveyRevision, (vote.site_id, vote.revision_id))
    free_text_ids = {question.id for question in read_questions(revision.settings) if question.kind in FREE_TEXT}
    return {question: value for question, value in vote.answers.items() if question not in free_text_ids}


def record_erasure(ledger: Path, site_id: UUID, external_id: str) -> None:
    """Append an erasure to the ledger as a hash and a time, so that a restored backup can repeat it."""
    line = f"{_person_key(site_id, external_id)} {clock.now().isoformat()}\n".encode()
    descriptor = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def apply_erasures(ledger: Path) -> int:
    """Erase the visitors in the ledger that the database still has, and return how many.

    Erasing deletes the visitor's row. A row that was created later belongs to a visitor who came back, so it stays.
    """
    if not ledger.exists():
        return 0
    erasure_times = _erasure_times(ledger.read_text("ascii"))
    visitors = [
        visitor
        for visitor in db.session.scalars(select(Visitor))
        if visitor.created_at <= erasure_times.get(_person_key(visitor.site_id, visitor.external_id), NEVER)
    ]
    for visitor in visitors:
        erase_visitor(db.session.get_one(Site, visitor.site_id), visitor.external_id)
    return len(visitors)


def _erasure_times(lines: str) -> dict[str, datetime]:
    """Return the last erasure of each person in the ledger, by `_person_key`."""
    times: dict[str, datetime] = {}
    for line in lines.splitlines():
        site_id, person, *erased_at = line.split(" ")
        # The first ledgers had no times, so their erasures apply to every visitor with that id.
        at = datetime.fromisoformat(erased_at[0]) if erased_at else ALWAYS
        times[f"{site_id} {person}"] = max(at, times.get(f"{site_id} {person}", NEVER))
    return times


def _person_key(site_id: UUID, external_id: str) -> str:
    return f"{site_id} {tokens.digest(f'{site_id}/{external_id}')}"
