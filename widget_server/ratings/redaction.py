"""Mask personal numbers and addresses in what visitors write, before it is stored, and count the masks.

The comment and the answers to questions of the kind `text` are masked, whichever way they arrive. An answer to a
`callback` is a contact that the visitor leaves on purpose, so it stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from ..core import clock, redaction
from ..sites.site_cache import SiteSettings
from ..storage.counters import add_to_count
from ..storage.db import table_of
from ..surveys.questions.base import Question
from ..surveys.questions.callback import Callback
from ..surveys.questions.text import ShortText
from .rows import StoredAnswer
from .submission import Answer, Submission
from .tally_models import RedactionTally

REDACTION_TALLY = table_of(RedactionTally)
#: The kinds of questions whose answers are words like those of a comment, and those that ask for a contact.
COMMENT_ANSWERS, CONTACT_ANSWERS = (ShortText.name,), (Callback.name,)
#: The comment and the answers by question.
Words = tuple[str | None, Mapping[str, Any]]


def redact_submission(submission: Submission, questions: Collection[Question], kinds: Collection[str]) -> Submission:
    """Return the submission with its words masked, or the same one if there is nothing to mask."""
    has_words = submission.score is not None and (submission.comment is not None or submission.answers)
    if not kinds or not has_words:
        return submission
    comment, answers = redact_words((submission.comment, submission.answers), questions, kinds)
    if (comment, answers) == (submission.comment, submission.answers):
        return submission
    return replace(submission, comment=comment, answers=answers)


def redact_words(words: Words, questions: Collection[Question], kinds: Collection[str]) -> Words:
    """Return the comment and the answers with every match of these kinds masked."""
    comment, answers = words
    masked_answers = {name: redaction.redact(text, kinds)[0] for name, text in _free_texts(answers, questions)}
    return redaction.redact(comment, kinds)[0] if comment else comment, {**answers, **masked_answers}


def mask_answer(answer: Answer, questions: Collection[Question]) -> Answer:
    """Return an answer (`Submission.answer`) with all kinds masked, whatever the site masks."""
    score, reasons, answers, comment = answer
    comment, answers = redact_words((comment, answers), questions, redaction.KINDS)
    return score, reasons, answers, comment


def _free_texts(answers: Mapping[str, Any], questions: Collection[Question]) -> Iterator[tuple[str, str]]:
    for question in questions:
        text = answers.get(question.id)
        if question.kind in COMMENT_ANSWERS and isinstance(text, str):
            yield question.id, text


def count_masks(
    connection: Connection,
    site: SiteSettings,
    original: Submission,
    questions: Collection[Question],
    existing_vote: StoredAnswer | None,
) -> None:
    """Count the masks in a stored submission, without those of texts that the vote had already."""
    old_comment, old_answers = (existing_vote.comment, existing_vote.answers) if existing_vote else (None, {})
    texts = [(original.comment or "", old_comment)]
    texts += [(text, old_answers.get(name)) for name, text in _free_texts(original.answers, questions)]
    counts: Counter[str] = Counter()
    for text, old_text in texts:
        masked, mask_counts = redaction.redact(text, site.redaction)
        if masked != old_text:
            counts += mask_counts
    day = clock.local_day(original.received_at, site.time_zone)
    for kind, count in sorted(counts.items()):
        add_to_count(connection, REDACTION_TALLY, {"site_id": site.id, "redacted_on": day, "kind": kind}, count)
