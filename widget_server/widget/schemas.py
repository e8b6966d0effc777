"""Schemas of the bodies that pages send. Unknown fields are rejected."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, validate

from ..surveys.follow_up import OUTCOMES
from ..surveys.question_definitions import MAX_QUESTIONS
from ..surveys.questions.base import MAX_TEXT
from ..web.fields import Choice, Id, Integer, ListOf, MappingOf, Nested, Strict, Text

MAX_COMMENT_LENGTH = 4_000
#: Any age is accepted and then clamped, so a press is not lost because a visitor's clock jumped by decades.
MAX_AGE_MS = 2**53
MAX_NUMBER = 1_000
SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
#: NUL and lone surrogates.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")
#: Counts the percent-encoded form, where a letter beyond ASCII takes nine characters, and the query.
MAX_ADDRESS_LENGTH = 4_500


class Hint(Text):
    """An optional text that becomes None when it is invalid, so that no press is lost for it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(load_default=None, allow_none=True, **settings)

    def _deserialize(self, value: Any, *place: Any, **more: Any) -> Any:
        text = super()._deserialize(value, *place, **more)
        try:
            super()._validate(text)
        except ValidationError:
            return None
        return text

    def _validate(self, value: Any) -> None:
        """Skip validation, which `_deserialize` has done because a failure is no error."""


class FreeText(Text):
    """A text that a person writes; characters that no database stores are dropped, so that no press is lost for them.

    A browser sends half of a character (a lone surrogate) when a text box cuts an emoji at its maximum length.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = UNSTORABLE.sub("", value) if isinstance(value, str) else value
        return super()._deserialize(text, attr, data, **kwargs)


class AnswerValue(FreeText):
    """An answer to a follow-up question: a text or an integer. The revision defines which one is valid."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(max_length=MAX_TEXT, min_length=1, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value if type(value) is int else super()._deserialize(value, attr, data, **kwargs)

    def _validate(self, value: Any) -> None:
        if isinstance(value, str):
            super()._validate(value)
        elif not -MAX_NUMBER <= value <= MAX_NUMBER:
            raise ValidationError(f"Number must be between {-MAX_NUMBER:,} and {MAX_NUMBER:,}.")


def _question_id() -> Text:
    return Text(max_length=60, min_length=1, line=True)


def _secret(**settings: object) -> Text:
    check = validate.Regexp(SECRET, error="Must be 128 random bits as 22 characters of base64url.")
    return Text(max_length=22, min_length=22, validate=[check], **settings)  # type: ignore[arg-type]


def _language() -> Hint:
    check = validate.Regexp(LANGUAGE, error="Must be a language tag, for example en or pt-BR.")
    return Hint(max_length=35, validate=[check])


class Proof(Strict):
    """The fields that may verify a page's claims."""

    visitor = Text(max_length=200, line=True, load_default=None, allow_none=True)
    signature = Text(max_length=200, line=True, load_default=None, allow_none=True)
    expires = Integer(min_value=0, max_value=2**53, load_default=None, allow_none=True)


class EndedBody(Proof):
    """The body of `ended` and `poll`."""

    conversation = Text(max_length=200, min_length=1, line=True, load_default=None, allow_none=True)
    browser = _secret(load_default=None, allow_none=True)
    revisions = ListOf(Id(), max_length=50, load_default=list)
    page = Hint(max_length=MAX_ADDRESS_LENGTH)
    lang = _language()


class ImpressionBody(Strict):
    """The body of `seen` and `dismissed`."""

    token = Text(max_length=100, line=True, load_default=None)
    kind = Text(max_length=40, min_length=1, line=True, load_default=None)
    subject = Text(max_length=MAX_ADDRESS_LENGTH, min_length=1, line=True, load_default=None)
    page = Hint(max_length=MAX_ADDRESS_LENGTH)


class VoteBody(Proof):
    """The body of `votes`: a target, and the full answer so far."""

    token = Text(max_length=100, line=True, load_default=None)
    kind = Text(max_length=40, min_length=1, line=True, load_default=None)
    subject = Text(max_length=MAX_ADDRESS_LENGTH, min_length=1, line=True, load_default=None)
    id = _secret(required=True)
    rev = Integer(min_value=1, max_value=1_000_000, required=True)
    age_ms = Integer(min_value=0, max_value=MAX_AGE_MS, load_default=0)
    revision = Id(required=True)
    score = Integer(min_value=-1_000, max_value=1_000, required=True, allow_none=True)
    reasons = ListOf(Text(max_length=60, min_length=1, line=True), max_length=20, load_default=list)
    answers = MappingOf(_question_id(), AnswerValue(), max_length=MAX_QUESTIONS, load_default=dict)
    outcomes = MappingOf(_question_id(), Choice(*OUTCOMES), max_length=MAX_QUESTIONS, load_default=dict)
    comment = FreeText(max_length=MAX_COMMENT_LENGTH, load_default=None, allow_none=True)
    page = Hint(max_length=MAX_ADDRESS_LENGTH)
    lang = _language()


class DataBody(Strict):
    """The body of `data`: a vote, and the `id` that sent its current answer."""

    vote = Id(required=True)
    id = _secret(required=True)


class CommentValue(FreeText):
    """A comment in a form."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_COMMENT_LENGTH)


class FindingBody(Strict):
    """A cause that a page found."""

    code = Text(max_length=60, min_length=1, line=True, required=True)
    values = MappingOf(Text(max_length=40, line=True), Text(max_length=300), max_length=10, load_default=dict)


class PageCheckBody(Strict):
    """The body of `check`."""

    token = Text(max_length=1000, line=True, required=True)
    findings = ListOf(Nested(FindingBody), max_length=40, load_default=list)
