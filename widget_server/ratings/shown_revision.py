"""The revision that a vote was given under, and whether it has the score, reasons and answers of a submission."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from ..core.errors import Conflict, Invalid
from ..sites.site_cache import SiteSettings
from ..storage.db import table_of
from ..storage.prepared import PreparedQuery
from ..surveys.follow_up import check_answers, outcomes, read_questions
from ..surveys.models import Survey, SurveyRevision
from ..surveys.questions.base import Question
from ..surveys.scales import SCALES, Scale
from ..surveys.service import STALE_FILE
from .rows import RevisionRow, StoredAnswer, StoredVote
from .submission import Submission
from .target import Target

SURVEY = table_of(Survey)
REVISION = table_of(SurveyRevision)


@dataclass(frozen=True)
class ShownRevision:
    """The revision a submission was shown under, with its survey's status."""

    scale: Scale
    placement: str
    closed_at: datetime | None
    window: timedelta
    questions: tuple[Question, ...] = ()

    def validate(self, target: Target, submission: Submission) -> None:
        """Raise 409 when the survey is closed for good, 422 for a revision of another placement, and for a score,
        a reason or an answer that it does not have.
        """
        if self.placement != ("article" if target.subject_id is not None else "chat_end"):
            # Else anybody could mix answers of one question into the counts of another.
            raise Invalid("This revision is asked in another place.", pointer="/revision")
        if self.closed_at is not None and self.closed_at + STALE_FILE + self.window < submission.intended_at:
            raise Conflict("This survey is closed.", code="closed")
        if submission.score is not None and not self.scale.holds(submission.score):
            raise Invalid(f"The score lies between {self.scale.low} and {self.scale.high}.", pointer="/score")
        if submission.score is not None:
            check_answers(self.questions, submission.score, submission.submitted)

    def on_page(self, score: int) -> dict[str, Question]:
        """The questions of the longer survey that follow this answer, by id."""
        return {question.id: question for question in self.questions if question.page and score in question.scores}

    def surveyed(self, answer: StoredAnswer) -> str | None:
        """Whose the answer (a submission or a vote) is, if a longer survey follows it."""
        follows = answer.score is not None and self.on_page(answer.score)
        return answer.client_hash if follows else None

    def with_page(self, submission: Submission, existing_vote: StoredVote) -> Submission:
        """A submission of the widget, which knows nothing of the longer survey, with what was answered there."""
        if submission.score is None or existing_vote.score != submission.score:
            return submission
        own = self.on_page(submission.score)
        answers = {name: value for name, value in existing_vote.answers.items() if name in own}
        page_outcomes = {name: outcome for name, outcome in existing_vote.outcomes.items() if name in own}
        if not page_outcomes:
            return submission
        return replace(
            submission, answers={**submission.answers, **answers}, outcomes={**submission.outcomes, **page_outcomes}
        )

    def outcomes(self, submission: Submission) -> dict[str, str]:
        """Return what became of each follow-up question, to be stored and counted; a removed answer has none."""
        if submission.score is None or not self.questions:
            return {}
        return outcomes(self.questions, submission.score, submission.submitted)


_REVISION = PreparedQuery[RevisionRow](
    select(REVISION.c.scale, REVISION.c.settings, SURVEY.c.placement, SURVEY.c.closed_at, SURVEY.c.window_hours)
    .select_from(
        REVISION.join(SURVEY, (SURVEY.c.site_id == REVISION.c.site_id) & (SURVEY.c.id == REVISION.c.survey_id))
    )
    .where(REVISION.c.site_id == bindparam("site"), REVISION.c.id == bindparam("revision"))
)


def revision_of(connection: Connection, site: SiteSettings, revision_id: UUID) -> ShownRevision:
    """Return the revision of a submission; 422 when it is not one of this site's."""
    cached: ShownRevision | None = site.lasting.get(("shown_revision", revision_id))
    if cached is not None:
        return cached
    row = _REVISION.first(connection, {"site": site.id, "revision": revision_id})
    if row is None:
        raise Invalid("This site has no such revision.", pointer="/revision")
    revision = ShownRevision(
        SCALES[row.scale],
        row.placement,
        row.closed_at,
        timedelta(hours=row.window_hours),
        read_questions(row.settings),
    )
    site.lasting["shown_revision", revision_id] = revision
    return revision
