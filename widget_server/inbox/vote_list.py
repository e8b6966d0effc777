"""The filtered list of votes of a site, newest first, for the API and the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_

from ..conversations.models import Conversation, Message, Segment
from ..invitations.credit import read_credited_agents
from ..invitations.models import Invitation
from ..ratings.models import Vote
from ..ratings.screenshots import screenshots_of
from ..storage.prepared import AnySession
from ..subjects.models import Subject
from ..surveys.models import SurveyRevision
from ..visitors.models import Visitor
from ..web.cursor import Place
from .agent_ids import FoundIds, find_missing_ids, to_external_ids
from .answers import HistoryEntry, to_history
from .changed import Changed
from .load_ratings import WordedColumns, changes_of, to_rating, to_revision_texts, worded_votes
from .transcripts import Rating
from .vote_filter import VoteFilter, select_changed_votes, select_votes

#: The columns of a worded vote, then survey_id, segment number, conversation, unverified_id, pin, kind, subject,
#: visitor, context and the external id of the invitation.
VoteWithContext = tuple[
    *WordedColumns,
    UUID,
    int | None,
    *tuple[str | None, str | None, str | None, str | None, str | None, str | None],
    dict[str, Any] | None,
    str | None,
]
BATCH = 500


@dataclass(frozen=True)
class VoteRow:
    """A vote with its target and the context that was frozen when the visitor was asked."""

    rating: Rating
    kind: str
    subject: str | None
    segment: int | None
    #: The owner's id of the message under which the rating is shown.
    pin: str | None
    channel: str
    survey_id: UUID
    revision_id: UUID
    visitor: str | None
    agents: list[str]
    #: The owner's ids of the same agents.
    agent_ids: list[str | None]
    team: str | None
    language: str | None
    page: str | None
    voted_on: date


def find_votes(
    session: AnySession,
    site_id: UUID,
    vote_filter: VoteFilter,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[VoteRow]:
    """Return at most `limit` votes that follow the place `after`, newest first."""
    query = select_votes(session, site_id, vote_filter, after=after, limit=limit)
    return load_rows(session, site_id, [] if query is None else [row[0] for row in session.execute(query)])


def find_changed_votes(
    session: AnySession,
    site_id: UUID,
    vote_filter: VoteFilter,
    changed: Changed,
    *,
    after: Place | None = None,
    limit: int,
) -> list[VoteRow]:
    """Return at most `limit` votes in the order of their last change, the oldest first."""
    query = select_changed_votes(session, site_id, vote_filter, changed, after=after, limit=limit)
    return load_rows(session, site_id, [] if query is None else [row[0] for row in session.execute(query)])


def load_rows(session: AnySession, site_id: UUID, ids: Sequence[UUID]) -> list[VoteRow]:
    """Return the votes with these ids in the order of the ids.

    The database does not sort them: SQLite would read the whole list in its order to find them.
    """
    if not ids:
        return []
    rows = to_rows(session, site_id, votes_with_context(site_id).where(Vote.id.in_(ids)))
    places = {vote_id: place for place, vote_id in enumerate(ids)}
    return sorted(rows, key=lambda row: places[row.rating.vote_id])


def find_vote(session: AnySession, site_id: UUID, vote_id: UUID) -> VoteRow | None:
    rows = to_rows(session, site_id, votes_with_context(site_id).where(Vote.id == vote_id))
    return rows[0] if rows else None


def find_history(session: AnySession, site_id: UUID, vote_id: UUID) -> list[HistoryEntry] | None:
    """Return the history of a vote since the last removal, oldest first; None if the site has no such vote."""
    row = session.execute(worded_votes(site_id).where(Vote.id == vote_id)).one_or_none()
    if row is None:
        return None
    changes = changes_of(session, site_id, [row[0]], with_comments=True)
    return to_history(changes[vote_id], to_revision_texts(*row[1:]))


def every_vote(session: AnySession, site_id: UUID, vote_filter: VoteFilter) -> Iterator[VoteRow]:
    """Yield all votes, newest first, in batches, so that memory does not grow with their number."""
    after = None
    while batch := find_votes(session, site_id, vote_filter, after=after, limit=BATCH):
        yield from batch
        after = place_of(batch[-1])
        session.expunge_all()


def place_of(row: VoteRow) -> tuple[datetime, UUID]:
    """Return the place of a row, from which the next page continues."""
    return row.rating.first_at, row.rating.vote_id


def votes_with_context(site_id: UUID) -> Select[*VoteWithContext]:
    """Select `worded_votes` with the further columns that `to_row` reads."""

    def has_key(table: Any, key: Any) -> ColumnElement[bool]:
        return and_(table.site_id == Vote.site_id, table.id == key)

    return (
        worded_votes(site_id)
        .add_columns(
            SurveyRevision.survey_id,
            Segment.number,
            Conversation.external_id,
            Conversation.unverified_id,
            Message.external_id,
            Subject.kind,
            Subject.subject,
            Visitor.external_id,
            Invitation.context,
            Invitation.external_id,
        )
        .outerjoin(Segment, has_key(Segment, Vote.segment_id))
        .outerjoin(Conversation, has_key(Conversation, Segment.conversation_id))
        .outerjoin(Message, has_key(Message, Segment.pin_message_id))
        .outerjoin(Subject, has_key(Subject, Vote.subject_id))
        .outerjoin(Visitor, has_key(Visitor, Vote.visitor_id))
        .outerjoin(Invitation, has_key(Invitation, Vote.asked_id))
    )


def to_rows(session: AnySession, site_id: UUID, query: Select[*VoteWithContext]) -> list[VoteRow]:
    rows = session.execute(query).all()
    pictures = screenshots_of(session, site_id, [row[0].id for row in rows])
    changes = changes_of(session, site_id, [row[0] for row in rows])
    found_ids = find_missing_ids(session, site_id, [row[-2] for row in rows])
    return [
        to_row(
            row,
            to_rating(row[0], changes[row[0].id], to_revision_texts(*row[1:7]), pictures.get(row[0].id)),
            found_ids,
        )
        for row in rows
    ]


def to_row(row: Row[*VoteWithContext], rating: Rating, found_ids: FoundIds) -> VoteRow:
    survey_id, number, conversation, unverified_id, pin, kind, subject, visitor, frozen_context, invitation = row[7:]
    vote, context = row[0], frozen_context or {}
    in_conversation = vote.segment_id is not None
    agents = read_credited_agents(context)
    return VoteRow(
        rating=rating,
        kind="conversation" if in_conversation else kind or "invitation",
        subject=conversation or unverified_id if in_conversation else subject or invitation,
        segment=number,
        pin=pin,
        channel=vote.channel,
        survey_id=survey_id,
        revision_id=vote.revision_id,
        visitor=visitor,
        agents=[agent["name"] for agent in agents],
        agent_ids=to_external_ids(agents, found_ids),
        team=context.get("team"),
        language=vote.language or context.get("language"),
        page=vote.page or context.get("page"),
        voted_on=vote.voted_on,
    )
