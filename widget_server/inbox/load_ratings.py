"""Load ratings and ledgers of many segments at once, as plain values, for lists and transcripts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, null, select

from ..invitations.models import Invitation
from ..ratings.models import Vote, VoteChange
from ..ratings.screenshots import StoredScreenshot, screenshots_of
from ..sites.models import Site
from ..storage.prepared import AnySession
from ..surveys.follow_up import read_questions
from ..surveys.models import Survey, SurveyRevision
from .answers import RevisionTexts, StoredChange, to_answer, to_correction, to_follow_up_answers, to_history, to_reasons
from .transcripts import Exclusion, InvitationSummary, Rating

#: A vote with look, scale and texts of its revision, placement, the site's languages and the revision's settings.
WordedColumns = tuple[Vote, str, str, dict[str, Any], str, list[str], dict[str, Any]]


def ratings_of(
    session: AnySession, site_id: UUID, segment_ids: Collection[UUID], *, with_comments: bool = False
) -> dict[UUID, Rating]:
    """Return the ratings of these segments by segment; only `with_comments` does their history have comments."""
    rows = session.execute(worded_votes(site_id).where(Vote.segment_id.in_(segment_ids))).all()
    ratings = to_ratings(session, site_id, rows, with_comments=with_comments)
    return {vote.segment_id: rating for vote, rating in ratings if vote.segment_id}


def worded_votes(site_id: UUID) -> Select[*WordedColumns]:
    """Select the votes of a site, each with the columns that `to_revision_texts` needs."""
    revision = SurveyRevision
    return (
        select(Vote, revision.look, revision.scale, revision.texts, Survey.placement, Site.languages, revision.settings)
        .join(revision, (revision.site_id == Vote.site_id) & (revision.id == Vote.revision_id))
        .join(Survey, (Survey.site_id == Vote.site_id) & (Survey.id == revision.survey_id))
        .join(Site, Site.id == Vote.site_id)
        .where(Vote.site_id == site_id)
    )


def to_ratings(
    session: AnySession, site_id: UUID, rows: Sequence[Row[*WordedColumns]], *, with_comments: bool
) -> Iterable[tuple[Vote, Rating]]:
    pictures = screenshots_of(session, site_id, [row[0].id for row in rows])
    changes = changes_of(session, site_id, [row[0] for row in rows], with_comments=with_comments)
    for row in rows:
        yield row[0], to_rating(row[0], changes[row[0].id], to_revision_texts(*row[1:]), pictures.get(row[0].id))


def to_revision_texts(
    look: str, scale: str, texts: dict[str, Any], placement: str, languages: list[str], settings: dict[str, Any]
) -> RevisionTexts:
    """Return the texts of what `worded_votes` gives after each vote."""
    return RevisionTexts(look, scale, texts, placement, languages[0], read_questions(settings))


def changes_of(
    session: AnySession, site_id: UUID, votes: Sequence[Vote], *, with_comments: bool = False
) -> dict[UUID, list[StoredChange]]:
    """Return the history of these votes, oldest first. A list needs its scores and times, but no comments."""
    # A vote with one submission has no history rows in the database.
    changes_by_vote = {
        vote.id: [StoredChange(1, vote.score, vote.comment, vote.intended_at, recovery=False)]
        for vote in votes
        if vote.version == 1
    }
    changed_ids = [vote.id for vote in votes if vote.version > 1]
    comment_column: ColumnElement[Any] = VoteChange.comment.expression if with_comments else null()
    query = (
        select(
            VoteChange.vote_id,
            VoteChange.version,
            VoteChange.score,
            comment_column,
            VoteChange.intended_at,
            VoteChange.recovery,
        )
        .where(VoteChange.site_id == site_id, VoteChange.vote_id.in_(changed_ids))
        .order_by(VoteChange.vote_id, VoteChange.version)
    )
    for vote_id, version, score, comment, at, recovery in session.execute(query):
        changes_by_vote.setdefault(vote_id, []).append(StoredChange(version, score, comment, at, recovery))
    return changes_by_vote


def to_rating(
    vote: Vote, changes: Sequence[StoredChange], texts: RevisionTexts, screenshot: StoredScreenshot | None
) -> Rating:
    history = to_history(changes, texts)
    return Rating(
        vote_id=vote.id,
        version=vote.version,
        answer=None if vote.score is None else to_answer(vote.score, texts),
        comment=vote.comment,
        reasons=to_reasons(vote.reasons, texts),
        answers=to_follow_up_answers(vote.answers, texts),
        screenshot=screenshot,
        at=pressed_at(vote, changes),
        first_at=vote.first_at,
        received_at=vote.received_at,
        changed_at=vote.changed_at,
        updated_at=vote.updated_at,
        erased_at=vote.erased_at,
        verified=vote.verified,
        status=vote.status,
        status_reason=vote.exclusion_reason if vote.excluded_at else vote.suspicion_reason,
        excluded=exclusion_of(vote),
        imported_at=vote.imported_at,
        correction=to_correction(history),
        history=history,
    )


def exclusion_of(vote: Vote) -> Exclusion | None:
    return Exclusion(vote.excluded_at, vote.excluded_by or "", vote.exclusion_reason) if vote.excluded_at else None


def pressed_at(vote: Vote, changes: Sequence[StoredChange]) -> datetime:
    """Return the time at which the current score was first pressed. A comment added later does not change it."""
    moment = vote.intended_at
    for change in reversed(changes):
        if change.score != vote.score:
            break
        moment = change.intended_at
    return moment


def ledgers_of(
    session: AnySession, site_id: UUID, segment_ids: Collection[UUID]
) -> dict[UUID, list[InvitationSummary]]:
    """Return the ledgers of these segments by segment, each oldest first."""
    query = select(Invitation).where(Invitation.site_id == site_id, Invitation.segment_id.in_(segment_ids))
    ledgers: dict[UUID, list[InvitationSummary]] = defaultdict(list)
    for row in session.scalars(query.order_by(Invitation.attempt)):
        if row.segment_id is not None:
            ledgers[row.segment_id].append(to_invitation(row))
    return ledgers


def to_invitation(row: Invitation) -> InvitationSummary:
    return InvitationSummary(
        id=row.id,
        status=row.status,
        reason=row.reason,
        channel=row.channel,
        source=row.source,
        proof=row.proof,
        context=row.context,
        decided_at=row.decided_at,
        shown_at=row.shown_at,
        dismissed_at=row.dismissed_at,
        voted_at=row.voted_at,
        withdrawn_at=row.withdrawn_at,
        expires_at=row.expires_at,
    )


def deciding_invitation(ledger: Sequence[InvitationSummary]) -> InvitationSummary | None:
    """Return the invitation that decides a segment's status: the last answered one, else the last one."""
    answered = [invitation for invitation in ledger if invitation.status == "voted"]
    return answered[-1] if answered else ledger[-1] if ledger else None
