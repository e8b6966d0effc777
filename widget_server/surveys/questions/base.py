"""The base classes of follow-up questions. Each kind has a file in this folder; `kinds.py` lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from ...core.errors import Invalid

MAX_CHOICES = 12
#: With these limits a comment and two answers of full length fit into one request of the widget.
MAX_TEXT, MAX_CONTACT = 300, 100


@dataclass(frozen=True)
class Question:
    """A follow-up question as a revision's settings store it.

    `scores` are the scores that it follows, `choices` the keys of its choices. `page` is set if the survey page asks
    it.
    """

    id: str
    kind: str
    scores: tuple[int, ...]
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    link: str | None = None
    page: bool | None = None

    @property
    def answer_pointer(self) -> str:
        """The JSON pointer to its answer in a submission."""
        return f"/answers/{self.id}"

    def to_json(self) -> dict[str, Any]:
        """Return the question as settings, API and pages contain it, without the fields that its kind does not have."""
        fields = asdict(self) | {"scores": list(self.scores), "choices": list(self.choices)}
        return {name: value for name, value in fields.items() if value not in (None, [])}


@dataclass(frozen=True)
class Submitted:
    """The values of one submission that belong to follow-up questions."""

    reasons: Sequence[str]
    answers: Mapping[str, Any]
    comment: str | None
    #: The outcome of each question as the page reports it: {id: shown, answered or skipped}.
    outcomes: Mapping[str, str]


class QuestionKind:
    """A kind of follow-up question. A subclass sets its flags and overrides how its answers are handled."""

    name: ClassVar[str]
    #: Submissions contain its answer in `answers`.
    has_answer: ClassVar[bool] = False
    #: At most two questions of repeatable kinds follow one score, and at most one of every other kind.
    is_repeatable: ClassVar[bool] = False
    #: The survey page can ask it.
    is_for_page: ClassVar[bool] = False
    has_choices: ClassVar[bool] = False
    has_range: ClassVar[bool] = False
    #: It may link to another page.
    has_link: ClassVar[bool] = False
    #: Pressing it is the answer.
    is_pressed: ClassVar[bool] = False
    #: Its answer may identify a person, so erasure deletes it.
    is_free_text: ClassVar[bool] = False
    #: The product has a text for it, so the owner's text is optional.
    has_default_text: ClassVar[bool] = False

    def check_definition(self, definition: Mapping[str, Any], pointer: str) -> None:
        """Raise Invalid if a definition lacks a field that this kind requires. `pointer` is the question's."""

    def validate(self, question: Question, value: Any) -> None:
        """Raise Invalid unless `value` is an answer to `question`."""
        raise Invalid("This question has no entry in `answers`; remove it.", pointer=question.answer_pointer)

    def is_answered(self, question: Question, submitted: Submitted) -> bool:
        """Return whether a submission answers the question."""
        return question.id in submitted.answers

    def parse(self, texts: Sequence[str]) -> Any:
        """Return the value of a form's texts; `validate` decides whether it is an answer."""
        return texts[0]

    def word(self, question: Question, value: Any, words: Mapping[str, Any]) -> str:
        """Return the answer as people read it. `words` are the question's texts in one language."""
        return str(value)


class FreeText(QuestionKind):
    """A kind with a text as its answer."""

    has_answer = True
    is_free_text = True
    max_length: ClassVar[int]

    def validate(self, question: Question, value: Any) -> None:
        if not isinstance(value, str) or not value.strip() or len(value) > self.max_length:
            raise Invalid(
                f"Answer must be a text of 1 to {self.max_length} characters.", pointer=question.answer_pointer
            )
