"""Store the answers to the survey page, which follows an existing vote, and changes of its comment on a page.

The vote keeps its client, that client's `rev` and the time of its press. So the later of two presses still wins, and
the widget's next submission is not taken for another client's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from ..core.errors import Conflict, Invalid
from ..sites.site_cache import SiteSettings
from ..storage.prepared import Transaction
from . import statements
from .erased import check_not_erased
from .redaction import count_masks, redact_submission
from .rows import StoredVote
from .service import change_vote, find_vote
from .shown_revision import revision_of
from .submission import Submission
from .target import Target, target_of_invitation
from .vote_write import VoteWrite

Move = Literal["next", "skip", "back"]


@dataclass(frozen=True)
class PageAnswer:
    """The form of one question: the answer, or None without one, and the button that was pressed."""

    question: str
    value: Any | None
    move: Move
    received_at: datetime


def find_holder(transaction: Transaction, site_id: UUID, vote_id: UUID) -> str | None:
    """Return the hash of the id of the client that sent the vote's current answer."""
    row = statements.OF_ID.first(transaction, {"site": site_id, "vote": vote_id})
    return None if row is None else row.client_hash


def answer_on_page(
    connection: Connection, site: SiteSettings, vote_id: UUID, holder: str, page_answer: PageAnswer
) -> None:
    """Store a page's answer with its vote, history, counts and event. A repeated answer writes nothing.

    Raises: Conflict: the vote was removed or is another client's. Invalid: the question does not follow its answer.
    """
    existing_vote, target = _lock_answer(connection, site, vote_id, holder, page_answer.received_at)
    assert existing_vote.score is not None
    revision = revision_of(connection, site, existing_vote.revision_id)
    questions = revision.page_questions(existing_vote.score)
    if page_answer.question not in questions:
        raise Invalid("Question does not follow the current answer.", pointer=f"/answers/{page_answer.question}")
    submission = _to_submission(existing_vote, page_answer, list(questions))
    revision.validate(target, submission)
    original = submission
    submission = redact_submission(submission, revision.questions, site.redaction)
    outcomes = revision.outcomes(submission)
    if (dict(submission.answers), outcomes) == (dict(existing_vote.answers), dict(existing_vote.outcomes)):
        return
    change_vote(
        VoteWrite(connection, site, replace(target, verified=existing_vote.verified), submission, revision),
        existing_vote,
    )
    count_masks(connection, site, original, revision.questions, existing_vote)


def change_comment(
    connection: Connection, site: SiteSettings, vote_id: UUID, holder: str, comment: str | None, at: datetime
) -> None:
    """Replace the comment of a vote with its history and event. The same comment writes nothing.

    Raises: Conflict: the vote was removed or erased, or is another client's.
    """
    existing_vote, target = _lock_answer(connection, site, vote_id, holder, at)
    revision = revision_of(connection, site, existing_vote.revision_id)
    original = Submission.of_row(existing_vote, comment=comment, received_at=at)
    submission = redact_submission(original, revision.questions, site.redaction)
    if submission.comment == existing_vote.comment:
        return
    write = VoteWrite(connection, site, replace(target, verified=existing_vote.verified), submission, revision)
    change_vote(write, existing_vote)
    count_masks(connection, site, original, revision.questions, existing_vote)


def _lock_answer(
    connection: Connection, site: SiteSettings, vote_id: UUID, holder: str, at: datetime
) -> tuple[StoredVote, Target]:
    """Lock the vote of a page and return it with its target.

    Raises: Conflict: it was removed or erased, or is another client's.
    """
    row = statements.OF_ID.first(connection, {"site": site.id, "vote": vote_id})
    if row is None:
        raise Conflict("This answer does not exist any more; rate again.", code="removed")
    target = _to_target(connection, row)
    # Read again, now under the lock that submissions take.
    existing_vote = find_vote(connection, site.id, target)
    if existing_vote is None or existing_vote.id != vote_id or existing_vote.client_hash != holder:
        raise Conflict("This answer was replaced by a later one; open the page from that one.", code="removed")
    if existing_vote.score is None:
        raise Conflict("This answer was removed.", code="removed")
    check_not_erased(existing_vote.erased_at, at)
    return existing_vote, target


def _to_target(connection: Connection, row: StoredVote) -> Target:
    if row.asked_id is not None:
        return target_of_invitation(connection, row.site_id, row.asked_id)
    return Target(
        channel=row.channel,
        verified=row.verified,
        subject_id=row.subject_id,
        voter=row.voter,
        visitor_id=row.visitor_id,
    )


def _to_submission(existing_vote: StoredVote, page_answer: PageAnswer, order: list[str]) -> Submission:
    question = page_answer.question
    answers = {name: value for name, value in existing_vote.answers.items() if name != question}
    outcomes = dict(existing_vote.outcomes)
    if page_answer.value is not None:
        answers[question] = page_answer.value
        outcomes[question] = "answered"
    elif page_answer.move != "back":
        outcomes[question] = "skipped"
    elif outcomes.get(question) != "skipped":
        outcomes[question] = "shown"
    next_questions = order[order.index(question) + 1 :]
    if page_answer.move != "back" and next_questions:
        # The next page only reads, so its question is recorded as shown here.
        outcomes.setdefault(next_questions[0], "shown")
    return Submission.of_row(existing_vote, answers=answers, outcomes=outcomes, received_at=page_answer.received_at)
