"""What a press is for: the row that decides where its vote is kept, and whether it still may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from ..conversations.models import Segment
from ..conversations.service import is_of_staff
from ..core.errors import Conflict, Forbidden, Invalid
from ..invitations.credit import credit_of
from ..invitations.models import Invitation
from ..invitations.rules import STAFF
from ..sites.site_cache import Facts
from ..storage.db import table_of
from ..storage.prepared import Prepared
from ..surveys.models import Survey, SurveyRevision
from ..surveys.scales import SCALES, Scale
from ..surveys.service import STALE_FILE
from ..surveys.steps import SurveyStep, check_answers, outcomes, read_steps
from .submission import Save

INVITATION = table_of(Invitation)
SEGMENT = table_of(Segment)
SURVEY = table_of(Survey)
REVISION = table_of(SurveyRevision)
#: States in which a first press counts only if it was made before.
LATE = ("withdrawn", "expired")


@dataclass(frozen=True)
class Target:
    """Where a vote belongs. Exactly one of `segment_id`, `invitation_id`, `subject_id` is set."""

    channel: str
    verified: bool
    segment_id: UUID | None = None
    invitation_id: UUID | None = None
    subject_id: UUID | None = None
    voter: str | None = None
    visitor_id: UUID | None = None
    #: The invitation that asked; its row is locked while the vote is cast.
    invitation: Any | None = None
    conversation_id: UUID | None = None
    #: Why the vote is kept and not counted.
    suspect_reason: str | None = None

    @property
    def agent_ids(self) -> Sequence[UUID]:
        """Who is credited with the vote, as frozen when asking."""
        if self.invitation is None:
            return ()
        return [UUID(agent["id"]) for agent in credit_of(self.invitation.context)]


_ASKED = Prepared(
    select(INVITATION, SEGMENT.c.conversation_id, SEGMENT.c.pinned_at)
    .select_from(
        INVITATION.outerjoin(
            SEGMENT, (SEGMENT.c.site_id == INVITATION.c.site_id) & (SEGMENT.c.id == INVITATION.c.segment_id)
        )
    )
    .where(INVITATION.c.site_id == bindparam("site"), INVITATION.c.id == bindparam("invitation"))
    .with_for_update(of=INVITATION)
)


def target_of_invitation(connection: Connection, site_id: UUID, invitation_id: UUID) -> Target:
    """The target of a proven token; its invitation is locked until the end of the transaction."""
    wanted = {"site": site_id, "invitation": invitation_id}
    row = _ASKED.first(connection, wanted)
    if row is not None and row.segment_id is not None and row.conversation_id is None:
        # While this waited for the row it became another part's, which is found now that it is locked.
        row = _ASKED.first(connection, wanted)
    if row is None or row.state == "not_asked":
        raise Forbidden("This token was not made here.", code="bad_token")
    return Target(
        channel=row.channel,
        verified=row.proof != "page",
        segment_id=row.segment_id,
        invitation_id=None if row.segment_id else row.id,
        visitor_id=row.visitor_id,
        invitation=row,
        conversation_id=row.conversation_id,
        suspect_reason=STAFF if _is_of_staff(connection, row) else None,
    )


def _is_of_staff(connection: Connection, asked: Any) -> bool:
    """Whether a press made before the question was over is one of staff, for whom it was withdrawn (adoption.py)."""
    if asked.state not in LATE or asked.conversation_id is None:
        return False
    return is_of_staff(connection, asked.site_id, asked.conversation_id)


def refuse_late(target: Target, save: Save) -> None:
    """A 409 with its reason for a press made after the question was over. A press made before always counts.

    An answer may be changed for as long as the question may be answered, also when the chat went on meanwhile.
    """
    invitation = target.invitation
    if invitation is None:
        return
    if invitation.state == "withdrawn" and invitation.withdrawn_at <= save.intended_at:
        raise Conflict("The chat went on, so this question is over. It is asked anew at the end.", code="withdrawn")
    if invitation.expires_at < save.intended_at:
        raise Conflict("The time to answer this question is over.", code="expired")


@dataclass(frozen=True)
class Wording:
    """The revision a save was shown under, with its survey's state."""

    scale: Scale
    placement: str
    closed_at: datetime | None
    window: timedelta
    steps: tuple[SurveyStep, ...] = ()

    def refuse(self, target: Target, save: Save) -> None:
        """A 409 when the survey is closed for good, a 422 for a wording of elsewhere and for a score, a reason or an
        answer that it does not have.
        """
        if self.placement != ("article" if target.subject_id is not None else "chat_end"):
            # Else anybody could mix answers of one question into the counts of another.
            raise Invalid("This revision is asked in another place.", pointer="/revision")
        if self.closed_at is not None and self.closed_at + STALE_FILE + self.window < save.intended_at:
            raise Conflict("This survey is closed.", code="closed")
        if save.score is not None and not self.scale.holds(save.score):
            raise Invalid(f"The score lies between {self.scale.low} and {self.scale.high}.", pointer="/score")
        if save.score is not None:
            check_answers(self.steps, save.score, save.reasons, save.answers, save.steps)

    def on_page(self, score: int) -> dict[str, SurveyStep]:
        """The questions of the longer survey that follow this answer, by id."""
        return {step.id: step for step in self.steps if step.page and score in step.scores}

    def surveyed(self, answer: Any) -> str | None:
        """Whose the answer (a save or a vote) is, if a longer survey follows it."""
        follows = answer.score is not None and self.on_page(answer.score)
        return answer.client_hash if follows else None

    def with_page(self, save: Save, standing: Any) -> Save:
        """A save of the widget, which knows nothing of the longer survey, with what was answered there."""
        if save.score is None or standing.score != save.score:
            return save
        own = self.on_page(save.score)
        answers = {name: value for name, value in standing.answers.items() if name in own}
        steps = {name: told for name, told in standing.steps.items() if name in own}
        return replace(save, answers={**save.answers, **answers}, steps={**save.steps, **steps}) if steps else save

    def outcomes(self, save: Save) -> dict[str, str]:
        """What became of each step, as it is kept and counted with the vote; a removed answer has none."""
        if save.score is None or not self.steps:
            return {}
        return outcomes(self.steps, save.score, save.reasons, save.answers, save.comment, save.steps)


_WORDING = Prepared(
    select(REVISION.c.scale, REVISION.c.settings, SURVEY.c.placement, SURVEY.c.closed_at, SURVEY.c.window_hours)
    .select_from(
        REVISION.join(SURVEY, (SURVEY.c.site_id == REVISION.c.site_id) & (SURVEY.c.id == REVISION.c.survey_id))
    )
    .where(REVISION.c.site_id == bindparam("site"), REVISION.c.id == bindparam("revision"))
)


def wording_of(connection: Connection, site: Facts, revision_id: UUID) -> Wording:
    """The wording of a save; 422 when it is not one of this site's."""
    kept: Wording | None = site.lasting.get(("wording", revision_id))
    if kept is not None:
        return kept
    row = _WORDING.first(connection, {"site": site.id, "revision": revision_id})
    if row is None:
        raise Invalid("This site has no such revision.", pointer="/revision")
    made = Wording(
        SCALES[row.scale],
        row.placement,
        row.closed_at,
        timedelta(hours=row.window_hours),
        read_steps(row.settings),
    )
    site.lasting["wording", revision_id] = made
    return made
