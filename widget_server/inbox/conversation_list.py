"""The list of conversations, as plain values: the latest first, narrowed by what is asked for."""

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
from .conditions import conditions
from .conversation_filter import EVERYTHING, ConversationFilter
from .load_ratings import deciding_invitation, ledgers_of, ratings_of
from .transcripts import InvitationSummary, Rating, SegmentStatus, segment_status


@dataclass(frozen=True)
class ConversationRow:
    """A line of the list. Its status is that of the last segment that was asked, else of the last segment."""

    id: UUID
    external_id: str | None
    claimed_id: str | None
    title: str | None
    channel: str
    language: str | None
    latest_at: datetime
    status: SegmentStatus
    rating: Rating | None
    invitation: InvitationSummary | None
    #: When the answer came that nobody at the console has looked at; None: there is none.
    unread_since: datetime | None
    #: Whether its visitor was asked anew after it was opened again.
    asked_again: bool
    #: The comment that was searched for, around the place that was found.
    found: list[Piece]


@dataclass(frozen=True)
class ConversationPage:
    rows: list[ConversationRow]
    #: What to give as `after` for the next page; None at the end.
    next_place: Place | None


def conversations(
    session: AnySession,
    site_id: UUID,
    *,
    now: datetime,
    after: Place | None = None,
    limit: int = 30,
    conversation_filter: ConversationFilter = EVERYTHING,
    opened: UUID | None = None,
) -> ConversationPage:
    """The latest conversations first. `opened` stays among unread ones in its place though it was just seen."""
    query = select(Conversation).where(Conversation.site_id == site_id)
    if after is not None:
        latest_at, last_id = after
        older = and_(Conversation.latest_at == latest_at, Conversation.id < last_id)
        query = query.where(or_(Conversation.latest_at < latest_at, older))
    query = query.order_by(Conversation.latest_at.desc(), Conversation.id.desc())
    found = session.scalars(query.where(*conditions(site_id, conversation_filter, now)).limit(limit + 1)).all()
    shown = list(found[:limit])
    more = (shown[-1].latest_at, shown[-1].id) if len(found) > limit else None
    if opened and conversation_filter.status == "unread":
        seen_or_not = conditions(site_id, replace(conversation_filter, status="all"), now)
        kept = session.scalar(query.where(Conversation.id == opened, *seen_or_not))
        shown = with_kept(shown, kept, is_last=more is None)
    return ConversationPage(to_rows(session, site_id, shown, now, conversation_filter.q), more)


def with_kept(shown: list[Conversation], kept: Conversation | None, *, is_last: bool) -> list[Conversation]:
    """Those of a page, and `kept` in its place among them, unless that is on a later page."""
    if kept is None or kept in shown:
        return shown
    before = [row for row in shown if (row.latest_at, row.id) > (kept.latest_at, kept.id)]
    if len(before) == len(shown) and not is_last:
        return shown
    return [*before, kept, *shown[len(before) :]]


def count_upto(
    session: AnySession, site_id: UUID, conversation_filter: ConversationFilter, now: datetime, most: int
) -> int:
    """How many there are; `most` when there are as many or more, so that counting never goes through all."""
    some = (
        select(Conversation.id)
        .where(Conversation.site_id == site_id, *conditions(site_id, conversation_filter, now))
        .limit(most)
    )
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def to_rows(
    session: AnySession, site_id: UUID, found: Sequence[Conversation], now: datetime, words: str | None
) -> list[ConversationRow]:
    of_these = select(Segment).where(Segment.site_id == site_id, Segment.conversation_id.in_([row.id for row in found]))
    of_conversation: dict[UUID, list[Segment]] = defaultdict(list)
    for segment in session.scalars(of_these.order_by(Segment.number)):
        of_conversation[segment.conversation_id].append(segment)
    segment_ids = [segment.id for segments in of_conversation.values() for segment in segments]
    ledgers = ledgers_of(session, site_id, segment_ids)
    ratings = ratings_of(session, site_id, segment_ids)
    rows = []
    for conversation in found:
        segments = of_conversation[conversation.id]
        shown = segment_of_list(segments, ledgers)
        invitation = deciding_invitation(ledgers.get(shown.id, [])) if shown else None
        rating = ratings.get(shown.id) if shown else None
        rows.append(
            ConversationRow(
                id=conversation.id,
                external_id=conversation.external_id,
                claimed_id=conversation.claimed_id,
                title=conversation.title,
                channel=conversation.channel,
                language=conversation.language,
                latest_at=conversation.latest_at,
                status=segment_status(bool(shown and shown.ended_at), rating, invitation, now),
                rating=rating,
                invitation=invitation,
                unread_since=conversation.unread_since,
                asked_again=len(asked_segments(segments, ledgers)) > 1,
                found=found_comment([ratings[segment.id] for segment in segments if segment.id in ratings], words),
            )
        )
    return rows


def segment_of_list(segments: Sequence[Segment], ledgers: dict[UUID, list[InvitationSummary]]) -> Segment | None:
    """The segment whose status the list shows: the last one asked; else the last with a decision; else the last."""
    decided = [s for s in segments if s.id in ledgers]
    for candidates in (asked_segments(segments, ledgers), decided, segments):
        if candidates:
            return candidates[-1]
    return None


def asked_segments(segments: Sequence[Segment], ledgers: dict[UUID, list[InvitationSummary]]) -> list[Segment]:
    return [s for s in segments if any(invitation.status != "not_asked" for invitation in ledgers.get(s.id, []))]


def found_comment(ratings: Sequence[Rating], words: str | None) -> list[Piece]:
    """The last comment that holds the words, around them."""
    if words:
        for rating in reversed(ratings):
            if rating.comment and fold(words) in fold(rating.comment):
                return highlight(rating.comment, words)
    return []
