"""The filtered list of conversations, latest first, as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from ..conversations.models import Conversation, Segment
from ..core.text import Piece, fold, highlight
from ..storage.prepared import AnySession
from ..web.cursor import Place
from .changed import Changed
from .conditions import find_alternatives, find_sources, select_conversations
from .conversation_filter import EVERYTHING, ConversationFilter
from .load_ratings import deciding_invitation, ledgers_of, ratings_of
from .newest_first import match_all
from .transcripts import InvitationSummary, Rating, SegmentStatus, segment_status


@dataclass(frozen=True)
class ConversationRow:
    """A row of the list. Its status is that of the last segment that was asked about, else of the last segment."""

    id: UUID
    external_id: str | None
    unverified_id: str | None
    title: str | None
    channel: str
    language: str | None
    latest_at: datetime
    updated_at: datetime
    status: SegmentStatus
    rating: Rating | None
    invitation: InvitationSummary | None
    #: The time of the answer that no user has opened yet; None if all answers are read.
    unread_since: datetime | None
    #: Whether the visitor was asked again after the conversation was reopened.
    asked_again: bool
    #: The part of a comment around the words of the search; empty without a match.
    excerpt: list[Piece]


@dataclass(frozen=True)
class ConversationPage:
    """A part of the list of conversations."""

    rows: list[ConversationRow]
    #: The value of `after` for the next page; None at the end.
    next_place: Place | None


def find_conversations(
    session: AnySession,
    site_id: UUID,
    *,
    now: datetime,
    after: Place | None = None,
    limit: int = 30,
    conversation_filter: ConversationFilter = EVERYTHING,
    opened: UUID | None = None,
) -> ConversationPage:
    """Return a page of conversations, latest first.

    `opened` is the conversation that the user has just opened. It keeps its place in the list of unread conversations.
    """
    page = load_page(session, site_id, conversation_filter, now, after, limit + 1)
    next_place = (page[limit - 1].latest_at, page[limit - 1].id) if len(page) > limit else None
    page = page[:limit]
    if opened and conversation_filter.status == "unread":
        others = find_alternatives(site_id, replace(conversation_filter, status="all"), now)
        query = select(Conversation).where(Conversation.site_id == site_id, Conversation.id == opened)
        if after is not None:
            older = and_(Conversation.latest_at == after[0], Conversation.id < after[1])
            query = query.where(or_(Conversation.latest_at < after[0], older))
        page = insert_opened(page, session.scalar(query.where(match_all(others))), is_last=next_place is None)
    return ConversationPage(to_rows(session, site_id, page, now, conversation_filter.q), next_place)


def load_page(
    session: AnySession,
    site_id: UUID,
    conversation_filter: ConversationFilter,
    now: datetime,
    after: Place | None,
    limit: int,
) -> list[Conversation]:
    query = select_conversations(session, site_id, conversation_filter, now, after=after, limit=limit)
    ids = [] if query is None else [row[0] for row in session.execute(query)]
    rows = load_conversations(session, site_id, ids)
    return sorted(rows, key=lambda row: (row.latest_at, row.id), reverse=True)


def load_conversations(session: AnySession, site_id: UUID, ids: Sequence[UUID]) -> list[Conversation]:
    query = select(Conversation).where(Conversation.site_id == site_id, Conversation.id.in_(ids))
    return list(session.scalars(query))


def find_changed_conversations(
    session: AnySession,
    site_id: UUID,
    changed: Changed,
    *,
    now: datetime,
    after: Place | None = None,
    limit: int = 30,
    conversation_filter: ConversationFilter = EVERYTHING,
) -> ConversationPage:
    """Return a page of conversations in the order of their last change, the oldest first."""
    columns = (Conversation.id, Conversation.updated_at)
    sources = find_sources(session, site_id, conversation_filter.agent)
    alternatives = find_alternatives(site_id, conversation_filter, now)
    query = changed.select_ids(session, columns, sources, alternatives, after=after, limit=limit + 1)
    places = [] if query is None else [(row[1], row[0]) for row in session.execute(query)]
    page = load_conversations(session, site_id, [row_id for _, row_id in places[:limit]])
    page.sort(key=lambda row: (row.updated_at, row.id))
    next_place = places[limit - 1] if len(places) > limit else None
    return ConversationPage(to_rows(session, site_id, page, now, conversation_filter.q), next_place)


def insert_opened(page: list[Conversation], opened: Conversation | None, *, is_last: bool) -> list[Conversation]:
    """Return the page with `opened` in its place, unless that is on a later page."""
    if opened is None or opened in page:
        return page
    before = [row for row in page if (row.latest_at, row.id) > (opened.latest_at, opened.id)]
    if len(before) == len(page) and not is_last:
        return page
    return [*before, opened, *page[len(before) :]]


def count_upto(
    session: AnySession, site_id: UUID, conversation_filter: ConversationFilter, now: datetime, limit: int
) -> int:
    """Return the number of conversations, but at most `limit`, so that the database does not count all of them."""
    matches = select_conversations(session, site_id, conversation_filter, now, limit=limit)
    if matches is None:
        return 0
    return session.scalar(select(func.count()).select_from(matches.subquery())) or 0


def to_rows(
    session: AnySession, site_id: UUID, page: Sequence[Conversation], now: datetime, words: str | None
) -> list[ConversationRow]:
    """Return the rows of a page of conversations. `words` are those of the search, for the excerpt."""
    query = select(Segment).where(Segment.site_id == site_id, Segment.conversation_id.in_([row.id for row in page]))
    segments_by_conversation: dict[UUID, list[Segment]] = defaultdict(list)
    for segment in session.scalars(query.order_by(Segment.number)):
        segments_by_conversation[segment.conversation_id].append(segment)
    segment_ids = [segment.id for segments in segments_by_conversation.values() for segment in segments]
    ledgers = ledgers_of(session, site_id, segment_ids)
    ratings = ratings_of(session, site_id, segment_ids)
    rows = []
    for conversation in page:
        segments = segments_by_conversation[conversation.id]
        segment_in_list = find_segment_of_list(segments, ledgers)
        invitation = deciding_invitation(ledgers.get(segment_in_list.id, [])) if segment_in_list else None
        rating = ratings.get(segment_in_list.id) if segment_in_list else None
        is_ended = bool(segment_in_list and segment_in_list.ended_at)
        rows.append(
            ConversationRow(
                id=conversation.id,
                external_id=conversation.external_id,
                unverified_id=conversation.unverified_id,
                title=conversation.title,
                channel=conversation.channel,
                language=conversation.language,
                latest_at=conversation.latest_at,
                updated_at=conversation.updated_at,
                status=segment_status(is_ended, rating, invitation, now),
                rating=rating,
                invitation=invitation,
                unread_since=conversation.unread_since,
                asked_again=len(find_asked_segments(segments, ledgers)) > 1,
                excerpt=find_excerpt([ratings[segment.id] for segment in segments if segment.id in ratings], words),
            )
        )
    return rows


def find_segment_of_list(segments: Sequence[Segment], ledgers: dict[UUID, list[InvitationSummary]]) -> Segment | None:
    """Return the segment whose status the list shows.

    It is the last segment that was asked about, else the last one with a decision, else the last one.
    """
    decided_segments = [segment for segment in segments if segment.id in ledgers]
    for candidates in (find_asked_segments(segments, ledgers), decided_segments, segments):
        if candidates:
            return candidates[-1]
    return None


def find_asked_segments(segments: Sequence[Segment], ledgers: dict[UUID, list[InvitationSummary]]) -> list[Segment]:
    """Return the segments about which the visitor was asked."""
    return [
        segment
        for segment in segments
        if any(invitation.status != "not_asked" for invitation in ledgers.get(segment.id, []))
    ]


def find_excerpt(ratings: Sequence[Rating], words: str | None) -> list[Piece]:
    """Return the part around the words in the last comment that contains them."""
    if words:
        for rating in reversed(ratings):
            if rating.comment and fold(words) in fold(rating.comment):
                return highlight(rating.comment, words)
    return []
