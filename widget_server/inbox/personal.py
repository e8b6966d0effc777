"""Leave out what identifies a visitor, for people who may not see it: names, contacts, messages and screenshots.

Comments stay, because they are the answer to the survey. The values themselves are emptied, so that no page, fragment
or attribute can show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .articles import CommentLine
from .conversation_list import ConversationRow
from .transcripts import Rating, Transcript, TranscriptSegment

#: The kind of question that asks for a telephone number or an address.
CONTACT_KIND = "callback"


def without_personal(transcript: Transcript) -> Transcript:
    """Return a transcript without its visitor and the texts of its messages."""
    segments = [_of_segment(segment) for segment in transcript.segments]
    # The back end's title often is a name, and its own fields can be anything.
    return replace(
        transcript,
        title=None,
        visitor=None,
        customer_reference=None,
        custom_fields={},
        page=_without_query(transcript.page),
        segments=segments,
    )


def rows_without_personal(rows: Sequence[ConversationRow]) -> list[ConversationRow]:
    return [replace(row, title=None, rating=_of_rating(row.rating)) for row in rows]


def comments_without_personal(comments: Sequence[CommentLine]) -> list[CommentLine]:
    return [replace(comment, screenshot=None) for comment in comments if comment.text]


def _of_segment(segment: TranscriptSegment) -> TranscriptSegment:
    messages = [replace(message, text="") for message in segment.messages]
    return replace(segment, messages=messages, rating=_of_rating(segment.rating))


def _of_rating(rating: Rating | None) -> Rating | None:
    if rating is None:
        return None
    answers = [answer for answer in rating.answers if answer.kind != CONTACT_KIND]
    return replace(rating, screenshot=None, answers=answers)


def _without_query(address: str | None) -> str | None:
    return address.partition("?")[0].partition("#")[0] if address else None
