"""Erasing a person: their votes stay as anonymous counts, everything that says who they are or what they wrote goes, in
one transaction.
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
from ..conversations.service import touch
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

#: What takes the place of a message's words, so that the transcript keeps its shape.
ERASED_TEXT = ""
#: Beside the database, never in a backup: who was erased stays erased when a backup is put back.
ERASED_FILE = "erased"
NEVER, ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
CONVERSATION_FIELDS = ("customer_reference", "page", "title", "browser_hash", "claimed_id", "visitor_id")


def erase_visitor(site: Site, external_id: str) -> int:
    """Forget a visitor; how many conversations were cleared. Tallies stay as they are."""
    visitor = find_visitor(site.id, external_id)
    if visitor is None:
        raise NotFound("There is no such visitor.")
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
    named = f"erased:{conversation.id}"
    for name in CONVERSATION_FIELDS:
        setattr(conversation, name, None)
    conversation.external_id = named
    conversation.custom_fields = {}
    conversation.erased_at = clock.now()
    db.session.execute(
        update(Message)
        .where(Message.site_id == conversation.site_id, Message.conversation_id == conversation.id)
        .values(text=ERASED_TEXT)
    )
    touch(conversation)


def _clear_invitations(site_id: UUID, visitor: Visitor, conversation_ids: Sequence[UUID]) -> None:
    segments = select(Segment.id).where(Segment.site_id == site_id, Segment.conversation_id.in_(conversation_ids))
    wanted = select(Invitation).where(
        Invitation.site_id == site_id, (Invitation.visitor_id == visitor.id) | Invitation.segment_id.in_(segments)
    )
    for invitation in db.session.scalars(wanted):
        invitation.visitor_id = None
        if invitation.external_id is not None:
            invitation.external_id = f"erased:{invitation.id}"
        invitation.context = without_person(invitation.context)
        _clear_votes_of(site_id, Vote.asked_id == invitation.id)


def without_person(context: dict[str, Any]) -> dict[str, Any]:
    """The frozen context with what is personal cleared: {} for the custom fields, None for the rest."""
    return {**context, **{name: {} if name == "custom_fields" else None for name in PERSONAL}}


def _clear_votes(site_id: UUID, visitor: Visitor) -> None:
    _clear_votes_of(site_id, Vote.visitor_id == visitor.id)


def _clear_votes_of(site_id: UUID, condition: ColumnElement[bool]) -> None:
    votes = db.session.scalars(select(Vote).where(Vote.site_id == site_id, condition)).all()
    for vote in votes:
        vote.comment, vote.comment_folded, vote.page, vote.visitor_id = None, None, None, None
        # Why it was excluded was written about this person; that it was, by whom and when stays.
        vote.exclusion_reason = None
        # Whoever held it, such as with an open page of the longer survey, adds nothing more.
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
    """Accept nothing of this site from here on. Votes stay; what its visitors showed of their screens goes."""
    # First, so that a picture on its way is either found here or refused there.
    sites.remove_site(site)
    db.session.execute(delete(Screenshot).where(Screenshot.site_id == site.id))


def _without_writing(vote: Vote) -> dict[str, Any]:
    """What was chosen among the owner's own words stays with the count; what was written goes."""
    revision = db.session.get_one(SurveyRevision, (vote.site_id, vote.revision_id))
    written = {question.id for question in read_questions(revision.settings) if question.kind in FREE_TEXT}
    return {question: value for question, value in vote.answers.items() if question not in written}


def note_erased(ledger: Path, site_id: UUID, external_id: str) -> None:
    """Write down outside the database, as a hash and a moment, that a person was erased, so that a restored backup
    forgets them.
    """
    line = f"{_named(site_id, external_id)} {clock.now().isoformat()}\n".encode()
    descriptor = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def erase_again(ledger: Path) -> int:
    """Erase everybody whom the ledger names and the database knew before; how many that were.

    Erasing deletes the visitor's row, so whoever has one that was made since came back: what they said then stays.
    """
    if not ledger.exists():
        return 0
    erased = _erased_at(ledger.read_text("ascii"))
    again = [
        visitor
        for visitor in db.session.scalars(select(Visitor))
        if visitor.created_at <= erased.get(_named(visitor.site_id, visitor.external_id), NEVER)
    ]
    for visitor in again:
        erase_visitor(db.session.get_one(Site, visitor.site_id), visitor.external_id)
    return len(again)


def _erased_at(lines: str) -> dict[str, datetime]:
    """When each person of the ledger was erased for the last time."""
    moments: dict[str, datetime] = {}
    for line in lines.splitlines():
        site_id, person, *moment = line.split(" ")
        # The first ledgers noted no moment; they hold for whoever bears that id.
        at = datetime.fromisoformat(moment[0]) if moment else ALWAYS
        moments[f"{site_id} {person}"] = max(at, moments.get(f"{site_id} {person}", NEVER))
    return moments


def _named(site_id: UUID, external_id: str) -> str:
    return f"{site_id} {tokens.digest(f'{site_id}/{external_id}')}"
