"""Answers to the longer survey, which a page of our own asks under a vote that stands.

The vote keeps its client, that client's counter and the moment of its press: which of two presses is the later one is
decided as ever, and the widget's next submission does not find a stranger's answer in place of its own.
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
from .rows import StoredVote
from .service import change_vote, vote_of
from .shown_revision import revision_of
from .submission import Submission
from .target import Target, target_of_invitation
from .vote_write import VoteWrite

Move = Literal["next", "skip", "back"]


@dataclass(frozen=True)
class PageAnswer:
    """One question's form: what was given (None: nothing), and which way the visitor goes on."""

    question: str
    value: Any | None
    move: Move
    received_at: datetime


def holder_of(transaction: Transaction, site_id: UUID, vote_id: UUID) -> str | None:
    """Whose the vote is: the hash of its client's own id."""
    row = statements.OF_ID.first(transaction, {"site": site_id, "vote": vote_id})
    return None if row is None else row.client_hash


def answer_on_page(connection: Connection, site: SiteSettings, vote_id: UUID, holder: str, given: PageAnswer) -> None:
    """Keep it under the vote, with history, counts and event. The same again writes nothing.

    Raises 409 when the answer that stands is another's by now, was removed, or is not followed by this question.
    """
    row = statements.OF_ID.first(connection, {"site": site.id, "vote": vote_id})
    if row is None:
        raise Conflict("This answer is not there any more.", code="removed")
    target = _target(connection, row)
    # Read anew under the lock that presses take.
    existing_vote = vote_of(connection, site.id, target)
    if existing_vote is None or existing_vote.id != vote_id or existing_vote.client_hash != holder:
        raise Conflict("Another answer took the place of this one.", code="removed")
    if existing_vote.score is None:
        raise Conflict("This answer was removed.", code="removed")
    revision = revision_of(connection, site, existing_vote.revision_id)
    questions = revision.on_page(existing_vote.score)
    if given.question not in questions:
        raise Invalid("The answer that stands is not followed by this question.", pointer=f"/answers/{given.question}")
    submission = _submission_of(existing_vote, given, list(questions))
    revision.validate(target, submission)
    kept = revision.outcomes(submission)
    if (dict(submission.answers), kept) == (dict(existing_vote.answers), dict(existing_vote.outcomes)):
        return
    change_vote(
        VoteWrite(connection, site, replace(target, verified=existing_vote.verified), submission, revision),
        existing_vote,
    )


def _target(connection: Connection, row: StoredVote) -> Target:
    if row.asked_id is not None:
        return target_of_invitation(connection, row.site_id, row.asked_id)
    return Target(
        channel=row.channel,
        verified=row.verified,
        subject_id=row.subject_id,
        voter=row.voter,
        visitor_id=row.visitor_id,
    )


def _submission_of(existing_vote: StoredVote, given: PageAnswer, order: list[str]) -> Submission:
    answers = {name: value for name, value in existing_vote.answers.items() if name != given.question}
    outcomes = dict(existing_vote.outcomes)
    if given.value is not None:
        answers[given.question] = given.value
        outcomes[given.question] = "answered"
    elif given.move != "back":
        outcomes[given.question] = "skipped"
    elif outcomes.get(given.question) != "skipped":
        outcomes[given.question] = "shown"
    following = order[order.index(given.question) + 1 :]
    if given.move != "back" and following:
        # The page that comes next only reads, so that it is seen is told now.
        outcomes.setdefault(following[0], "shown")
    return Submission.of_row(existing_vote, answers=answers, outcomes=outcomes, received_at=given.received_at)
