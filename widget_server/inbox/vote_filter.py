"""The filter of a list of votes, and its SQL conditions on `Vote`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Select, and_, exists, not_, select, union_all

from ..conversations.models import Agent, Conversation, Segment
from ..core.errors import Invalid
from ..invitations.models import Invitation
from ..ratings.models import CreditedVote, Vote
from ..storage.db import table_of
from ..storage.indexes import Unindexed
from ..storage.prepared import AnySession
from ..subjects.models import Subject
from ..subjects.names import to_name
from ..subjects.service import KINDS
from ..surveys.models import SurveyRevision
from ..web.cursor import Place
from .changed import Changed
from .newest_first import Alternatives, Source, select_ids

VOTE = table_of(Vote)
#: The filters that an index of votes matches.
DRIVERS = ("subject", "imported", "recovery", "status", "kind", "survey", "score", "channel", "verified")


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
    imported: bool | None = None


def select_votes(
    session: AnySession, site_id: UUID, vote_filter: VoteFilter, *, after: Place | None, limit: int
) -> Select[UUID, datetime] | None:
    """Select ids and times of the newest votes that match a filter, or None if it matches nothing."""
    sources = {
        name: within_times(one, vote_filter) for name, one in find_sources(session, site_id, vote_filter).items()
    }
    alternatives = find_alternatives(session, site_id, vote_filter)
    return select_ids(session, sources, alternatives, after=after, limit=limit)


def find_sources(session: AnySession, site_id: UUID, vote_filter: VoteFilter) -> dict[str, Source]:
    """Return the source of each filter that an index matches, and under "" that of all votes."""
    columns = (Vote.id, Vote.first_at)
    whole = Source(site_id, VOTE, "first_at", select(*columns).where(Vote.site_id == site_id), *columns)
    sources = dict.fromkeys(("", *DRIVERS), whole)
    if vote_filter.agent is not None:
        sources["agent"] = source_of_agent(site_id, find_agent_id(session, site_id, vote_filter.agent))
    return sources


def within_times(source: Source, vote_filter: VoteFilter) -> Source:
    """Return the source with its times limited to those of a filter."""
    base = source.base
    if vote_filter.since is not None:
        base = base.where(source.at >= vote_filter.since)
    if vote_filter.until is not None:
        base = base.where(source.at < vote_filter.until)
    return replace(source, base=base)


def select_changed_votes(
    session: AnySession,
    site_id: UUID,
    vote_filter: VoteFilter,
    changed: Changed,
    *,
    after: Place | None,
    limit: int,
) -> Select[UUID, datetime] | None:
    """Select ids and times of votes by their last change, or None if the filter matches nothing."""
    columns, checks = (Vote.id, Vote.updated_at), []
    if vote_filter.since is not None:
        checks.append(Unindexed(Vote.first_at >= vote_filter.since))
    if vote_filter.until is not None:
        checks.append(Unindexed(Vote.first_at < vote_filter.until))
    sources = find_sources(session, site_id, vote_filter)
    alternatives = find_alternatives(session, site_id, vote_filter)
    return changed.select_ids(session, columns, sources, alternatives, *checks, after=after, limit=limit)


def find_agent_id(session: AnySession, site_id: UUID, external_id: str) -> UUID | None:
    return session.scalar(select(Agent.id).where(Agent.site_id == site_id, Agent.external_id == external_id))


def source_of_agent(site_id: UUID, agent_id: UUID | None) -> Source:
    """Return the list of the votes with which an agent is credited."""
    columns = (CreditedVote.vote_id, CreditedVote.first_at)
    base = select(*columns).where(CreditedVote.site_id == site_id, CreditedVote.agent_id == agent_id)
    is_same = and_(Vote.site_id == CreditedVote.site_id, Vote.id == CreditedVote.vote_id)
    return Source(site_id, VOTE, "first_at", base, *columns, is_same)


def is_credited(agent_id: UUID) -> ColumnElement[bool]:
    """Match votes with which an agent is credited, one by one."""
    credited = select(CreditedVote.agent_id).where(
        CreditedVote.site_id == Vote.site_id,
        CreditedVote.agent_id == agent_id,
        CreditedVote.first_at == Vote.first_at,
        CreditedVote.vote_id == Vote.id,
    )
    return exists(credited.correlate(Vote))


def find_alternatives(session: AnySession, site_id: UUID, vote_filter: VoteFilter) -> Alternatives:
    """Return the conditions of each filter but the times."""
    alternatives: dict[str, list[ColumnElement[bool]]] = {
        name: [column == getattr(vote_filter, name)]
        for name, column in (("score", Vote.score), ("channel", Vote.channel), ("kind", Vote.kind))
        if getattr(vote_filter, name) is not None
    }
    if vote_filter.verified is not None:
        alternatives["verified"] = [Vote.verified.is_(vote_filter.verified)]
    if vote_filter.recovery is not None:
        alternatives["recovery" if vote_filter.recovery else "no_recovery"] = [
            Vote.is_recovered.is_(vote_filter.recovery)
        ]
    if vote_filter.status is not None:
        alternatives["counted" if vote_filter.status == "counted" else "status"] = [has_status(vote_filter.status)]
    if vote_filter.imported is not None:
        is_imported = Vote.imported_at.is_not(None)
        alternatives["imported" if vote_filter.imported else "not_imported"] = [
            is_imported if vote_filter.imported else not_(is_imported)
        ]
    if vote_filter.survey is not None:
        alternatives["survey"] = find_revisions(session, site_id, vote_filter.survey)
    if vote_filter.agent is not None:
        agent_id = find_agent_id(session, site_id, vote_filter.agent)
        alternatives["agent"] = [is_credited(agent_id)] if agent_id is not None else []
    if vote_filter.subject is not None:
        alternatives["subject"] = find_targets(session, site_id, vote_filter.subject)
    return alternatives


def has_status(status: str) -> ColumnElement[bool]:
    """Match votes by their status; the same rule as `models.vote_status`, in SQL."""
    excluded, suspected = Vote.excluded_at.is_not(None), Vote.suspicion_reason.is_not(None)
    return {
        "excluded": excluded,
        "suspected": and_(suspected, not_(excluded)),
        "counted": and_(not_(excluded), not_(suspected)),
    }[status]


def find_revisions(session: AnySession, site_id: UUID, survey_id: UUID) -> list[ColumnElement[bool]]:
    """Return the conditions that match votes on the revisions of a survey."""
    revision = SurveyRevision
    query = select(revision.id).where(revision.site_id == site_id, revision.survey_id == survey_id)
    return [Vote.revision_id == revision_id for revision_id in session.scalars(query)]


def is_subject(name: str) -> Iterator[ColumnElement[bool]]:
    """Yield the condition of each kind of subject. An article or page has any address of its path."""
    for kind in KINDS:
        # A text that is no address names no article, but may name a conversation.
        with suppress(Invalid):
            yield and_(Subject.kind == kind, Subject.subject == to_name(kind, name))


def find_targets(session: AnySession, site_id: UUID, name: str) -> list[ColumnElement[bool]]:
    """Return the conditions that match votes on what has this name: subjects, a conversation, a direct invitation."""

    def find(query: Executable) -> list[Any]:
        return list(session.scalars(query))

    # OR over the kinds would read all subjects of the site, because their index begins with the kind.
    subjects = [select(Subject.id).where(Subject.site_id == site_id, condition) for condition in is_subject(name)]
    of_conversation = and_(Conversation.site_id == Segment.site_id, Conversation.id == Segment.conversation_id)
    segments = (
        select(Segment.id)
        .join(Conversation, of_conversation)
        .where(Conversation.site_id == site_id, Conversation.external_id == name)
    )
    invitations = select(Invitation.id).where(Invitation.site_id == site_id, Invitation.external_id == name)
    targets: list[ColumnElement[bool]] = [Vote.subject_id == subject_id for subject_id in find(union_all(*subjects))]
    targets += [Vote.invitation_id == invitation_id for invitation_id in find(invitations)]
    segment_ids = find(segments)
    return [*targets, Vote.segment_id.in_(segment_ids)] if segment_ids else targets
