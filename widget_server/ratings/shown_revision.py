"""The revision that was shown to the visitor, and the validation of submissions by it."""

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
    """The revision that a submission answers, with the status of its survey."""

    scale: Scale
    placement: str
    closed_at: datetime | None
    published_at: datetime
    window: timedelta
    questions: tuple[Question, ...] = ()

    def validate(self, target: Target, submission: Submission) -> None:
        """Check that this revision accepts the submission.

        Raises: Conflict: the survey closed too long before the press. Invalid: the revision has another placement, or
        lacks the score, a reason or an answer.
        """
        if self.placement != ("article" if target.subject_id is not None else "chat_end"):
            # Without this check a client could add answers of one question to the counts of another.
            raise Invalid("This revision has another placement; send the revision that was shown.", pointer="/revision")
        if self.closed_at is not None and self.closed_at + STALE_FILE + self.window < submission.intended_at:
            raise Conflict("This survey is closed.", code="closed")
        if submission.score is not None and not self.scale.holds(submission.score):
            raise Invalid(f"Score must be between {self.scale.low} and {self.scale.high}.", pointer="/score")
        if submission.score is not None:
            check_answers(self.questions, submission.score, submission.submitted)

    def page_questions(self, score: int) -> dict[str, Question]:
        """Return the questions of the survey page that follow this score, by id."""
        return {question.id: question for question in self.questions if question.page and score in question.scores}

    def survey_holder(self, answer: StoredAnswer) -> str | None:
        """Return the hash of the client that sent the answer, if a survey page follows it."""
        has_page = answer.score is not None and self.page_questions(answer.score)
        return answer.client_hash if has_page else None

    def with_page_answers(self, submission: Submission, existing_vote: StoredVote) -> Submission:
        """Return the submission with the answers that the vote has from the survey page.

        The widget does not know these answers, so its submission would otherwise remove them.
        """
        if submission.score is None or existing_vote.score != submission.score:
            return submission
        questions = self.page_questions(submission.score)
        answers = {name: value for name, value in existing_vote.answers.items() if name in questions}
        page_outcomes = {name: outcome for name, outcome in existing_vote.outcomes.items() if name in questions}
        if not page_outcomes:
            return submission
        return replace(
            submission, answers={**submission.answers, **answers}, outcomes={**submission.outcomes, **page_outcomes}
        )

    def outcomes(self, submission: Submission) -> dict[str, str]:
        """Return the outcome of each follow-up question. A removed answer has none."""
        if submission.score is None or not self.questions:
            return {}
        return outcomes(self.questions, submission.score, submission.submitted)


_REVISION = PreparedQuery[RevisionRow](
    select(REVISION.c.scale, REVISION.c.settings, REVISION.c.created_at.label("published_at"))
    .add_columns(SURVEY.c.placement, SURVEY.c.closed_at, SURVEY.c.window_hours)
    .select_from(
        REVISION.join(SURVEY, (SURVEY.c.site_id == REVISION.c.site_id) & (SURVEY.c.id == REVISION.c.survey_id))
    )
    .where(REVISION.c.site_id == bindparam("site"), REVISION.c.id == bindparam("revision"))
)


def revision_of(connection: Connection, site: SiteSettings, revision_id: UUID) -> ShownRevision:
    """Return the revision of a submission.

    Raises: Invalid: the site has no such revision.
    """
    cached: ShownRevision | None = site.lasting.get(("shown_revision", revision_id))
    if cached is not None:
        return cached
    row = _REVISION.first(connection, {"site": site.id, "revision": revision_id})
    if row is None:
        raise Invalid("Revision does not exist on this site; send the one that was shown.", pointer="/revision")
    revision = ShownRevision(
        SCALES[row.scale],
        row.placement,
        row.closed_at,
        row.published_at,
        timedelta(hours=row.window_hours),
        read_questions(row.settings),
    )
    site.lasting["shown_revision", revision_id] = revision
    return revision
