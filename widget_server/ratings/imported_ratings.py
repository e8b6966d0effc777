"""Ratings that another system collected, stored as votes on a closed survey with the scale that they had there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import update

from ..conversations.models import Segment
from ..conversations.service import move_conversation
from ..core import clock, tokens
from ..core.errors import Invalid
from ..invitations import transitions
from ..invitations.conversation_state import ConversationState
from ..invitations.models import Invitation
from ..invitations.service import load_visitor
from ..invitations.snapshot import freeze_context
from ..sites.models import Site
from ..sites.site_cache import SiteSettings
from ..storage.db import db
from ..surveys.models import Survey, SurveyRevision
from ..surveys.scales import CES_REVERSED, LOOKS
from ..surveys.service import DEFAULT_WINDOW_HOURS, newest_revision, publish_revision
from .models import Vote
from .service import save_vote
from .submission import Submission
from .target import target_of_invitation

PLACEMENT = "chat_end"
SOURCE = "import"
#: How ratings of a scale look; the first look of the scale, if it is not named here.
LOOK_BY_SCALE = {**{look.scale.name: look.name for look in reversed(LOOKS.values())}, CES_REVERSED.name: "ces"}


@dataclass(frozen=True)
class ImportedRating:
    """A rating. `scale` is one of `surveys.scales.SCALES`."""

    scale: str
    score: int
    rated_at: datetime
    comment: str | None = None


def import_rating(site: Site, state: ConversationState, segment: Segment, rating: ImportedRating) -> None:
    """Store a rating of an ended segment, with the agents whom the segment has now.

    It is neither unread nor does it move its conversation past newer ones. Raises `Invalid` if the score is not on the
    scale.
    """
    conversation = state.conversation
    invitation = _add_invitation(site, state, segment, rating)
    settings = SiteSettings.of_site(site)
    latest_at, unread_since = conversation.latest_at, conversation.unread_since
    connection = db.session.connection()
    target = target_of_invitation(connection, site.id, invitation.id)
    assert invitation.revision_id is not None
    submission = Submission(
        # No client knows this id, so none can change the vote.
        client_hash=tokens.digest(f"{SOURCE}:{invitation.id}"),
        rev=1,
        revision_id=invitation.revision_id,
        score=rating.score,
        received_at=rating.rated_at,
        intended_at=rating.rated_at,
        comment=rating.comment or None,
        language=conversation.language,
    )
    try:
        receipt = save_vote(connection, settings, target, submission)
    except Invalid as error:
        error.pointer = f"/rating{error.pointer or ''}"
        raise
    now = clock.now()
    db.session.execute(update(Vote).where(Vote.site_id == site.id, Vote.id == receipt.vote_id).values(imported_at=now))
    for row in (conversation, segment, invitation):
        db.session.refresh(row)
    conversation.latest_at, conversation.unread_since = latest_at, unread_since
    move_conversation(conversation, rating.rated_at)
    db.session.flush()


def _add_invitation(site: Site, state: ConversationState, segment: Segment, rating: ImportedRating) -> Invitation:
    """Store the other system's question as the next decision about the segment."""
    earlier_decision = state.newest_decision(segment)
    asked_at = min(segment.ended_at or rating.rated_at, rating.rated_at)
    conversation = state.conversation
    invitation = Invitation(
        site_id=site.id,
        segment_id=segment.id,
        attempt=earlier_decision.attempt + 1 if earlier_decision else 1,
        visitor_id=conversation.visitor_id,
        channel=conversation.channel,
        source=SOURCE,
        status="asked",
        proof="back_end",
        revision_id=ensure_revision(site, rating.scale).id,
        context=freeze_context(conversation, segment, load_visitor(conversation)),
        decided_at=asked_at,
        decided_on=clock.local_day(asked_at, site.time_zone),
        expires_at=rating.rated_at,
    )
    transitions.add_invitation(invitation)
    state.add_decision(segment, invitation)
    return invitation


def ensure_revision(site: Site, scale: str) -> SurveyRevision:
    """Return the revision of the closed survey that holds the imported ratings of a scale."""
    survey_id = survey_id_of(site.id, scale)
    if db.session.get(Survey, (site.id, survey_id)) is not None:
        return newest_revision(site.id, survey_id)
    now = clock.now()
    survey = Survey(
        site_id=site.id,
        id=survey_id,
        name=f"Imported ratings ({scale})",
        placement=PLACEMENT,
        window_hours=DEFAULT_WINDOW_HOURS,
        created_at=now,
        closed_at=now,
    )
    db.session.add(survey)
    db.session.flush()
    direction = "down" if scale == CES_REVERSED.name else "up"
    return publish_revision(site, survey, look=LOOK_BY_SCALE[scale], direction=direction, comment=False)


def survey_id_of(site_id: UUID, scale: str) -> UUID:
    """Return the id of that survey, which is the same each time, so that a renamed survey is found again."""
    return uuid5(site_id, f"imported ratings {scale}")
