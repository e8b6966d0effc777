"""The filtered list of votes of a site, newest first, for the API and the export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal_column, not_, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from ..conversations.models import Agent, Conversation, Message, Segment
from ..invitations.credit import read_credited_agents
from ..invitations.models import Invitation
from ..ratings.models import Vote, VoteChange
from ..ratings.screenshots import screenshots_of
from ..storage.prepared import AnySession
from ..subjects.models import Subject
from ..surveys.models import SurveyRevision
from ..visitors.models import Visitor
from .load_ratings import WordedColumns, changes_of, to_rating, to_revision_texts, worded_votes
from .transcripts import Rating

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
class VoteFilter:
    """A filter whose fields must all match; None matches everything."""

    since: datetime | None = None
    until: datetime | None = None
    score: int | None = None
    #: The owner's id of an agent who is credited with the vote.
    agent: str | None = None
    channel: str | None = None
    survey: UUID | None = None
    #: The id of a conversation, or the path or name of a subject.
    subject: str | None = None
    kind: str | None = None
    verified: bool | None = None
    #: counted, suspected or excluded.
    status: str | None = None
    recovery: bool | None = None


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
    query = votes_with_context(site_id).where(*conditions(session, site_id, vote_filter))
    if after is not None:
        first_at, vote_id = after
        query = query.where(or_(Vote.first_at < first_at, and_(Vote.first_at == first_at, Vote.id < vote_id)))
    query = query.order_by(Vote.first_at.desc(), Vote.id.desc()).limit(limit)
    return to_rows(session, site_id, query)


def find_vote(session: AnySession, site_id: UUID, vote_id: UUID) -> VoteRow | None:
    rows = to_rows(session, site_id, votes_with_context(site_id).where(Vote.id == vote_id))
    return rows[0] if rows else None


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


def conditions(session: AnySession, site_id: UUID, vote_filter: VoteFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter, all of which must hold."""
    condition_by_field: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "since": lambda value: Vote.first_at >= value,
        "until": lambda value: Vote.first_at < value,
        "score": lambda value: Vote.score == value,
        "channel": lambda value: Vote.channel == value,
        "survey": lambda value: SurveyRevision.survey_id == value,
        "subject": lambda value: or_(
            Subject.subject == value, Conversation.external_id == value, Invitation.external_id == value
        ),
        "kind": of_kind,
        "verified": lambda value: Vote.verified.is_(value),
        "status": has_status,
        "recovery": lambda value: is_recovery() if value else not_(is_recovery()),
        "agent": lambda value: is_credited_to(session, site_id, value),
    }
    values = {name: getattr(vote_filter, name) for name in condition_by_field}
    return [condition_by_field[name](value) for name, value in values.items() if value is not None]


def of_kind(kind: str) -> ColumnElement[bool]:
    if kind == "conversation":
        return Vote.segment_id.is_not(None)
    if kind == "invitation":
        return Vote.invitation_id.is_not(None)
    return Subject.kind == kind


def has_status(status: str) -> ColumnElement[bool]:
    """Match votes by their status; the same rule as `models.vote_status`, in SQL."""
    excluded, suspected = Vote.excluded_at.is_not(None), Vote.suspicion_reason.is_not(None)
    return {
        "excluded": excluded,
        "suspected": and_(not_(excluded), suspected),
        "counted": and_(not_(excluded), not_(suspected)),
    }[status]


def is_recovery() -> ColumnElement[bool]:
    """Match votes whose current answer came by a recovery; the same rule as `answers.to_correction`, in SQL."""
    later = aliased(VoteChange)
    changed_again = exists().where(
        later.site_id == VoteChange.site_id,
        later.vote_id == VoteChange.vote_id,
        later.version > VoteChange.version,
        later.score.is_distinct_from(VoteChange.score),
    )
    of_vote = and_(VoteChange.site_id == Vote.site_id, VoteChange.vote_id == Vote.id)
    return exists().where(of_vote, VoteChange.recovery.is_(True), not_(changed_again))


def is_credited_to(session: AnySession, site_id: UUID, external_id: str) -> ColumnElement[bool]:
    """Match votes with which the agent is credited in the frozen context (`read_credited_agents`)."""
    agent_id = session.scalar(select(Agent.id).where(Agent.site_id == site_id, Agent.external_id == external_id))
    if session.get_bind().dialect.name == "postgresql":
        context = func.cast(Invitation.context, JSONB)
        shared = not_(context.has_key("credited")) & context.contains({"agents": [{"id": str(agent_id)}]})
        return or_(context.contains({"credited": [{"id": str(agent_id)}]}), shared)
    credited = (func.json_extract(Invitation.context, f"$.{name}") for name in ("credited", "agents"))
    frozen = func.json_each(func.coalesce(*credited)).table_valued("value", name="frozen")
    one: Select[Any] = select(literal_column("1")).select_from(frozen)
    return exists(one.where(func.json_extract(frozen.c.value, "$.id") == str(agent_id)).correlate(Invitation))


def to_rows(session: AnySession, site_id: UUID, query: Select[*VoteWithContext]) -> list[VoteRow]:
    rows = session.execute(query).all()
    pictures = screenshots_of(session, site_id, [row[0].id for row in rows])
    changes = changes_of(session, site_id, [row[0] for row in rows])
    return [
        to_row(row, to_rating(row[0], changes[row[0].id], to_revision_texts(*row[1:7]), pictures.get(row[0].id)))
        for row in rows
    ]


def to_row(row: Row[*VoteWithContext], rating: Rating) -> VoteRow:
    survey_id, number, conversation, unverified_id, pin, kind, subject, visitor, frozen_context, invitation = row[7:]
    vote, context = row[0], frozen_context or {}
    in_conversation = vote.segment_id is not None
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
        agents=[agent["name"] for agent in read_credited_agents(context)],
        team=context.get("team"),
        language=vote.language or context.get("language"),
        page=vote.page or context.get("page"),
        voted_on=vote.voted_on,
    )
