"""What every kind of follow-up question is. Each kind is a file of its own beside this one; `kinds.py` lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from ...core.errors import Invalid

MAX_CHOICES = 12
#: A full comment beside both questions still fits into one body of the widget.
MAX_TEXT, MAX_CONTACT = 300, 100


@dataclass(frozen=True)
class Question:
    """One follow-up question as a revision's settings store it.

    `scores` are the answers that it follows, `choices` the keys of what may be chosen; `page` is set where it is a
    question of the longer survey.
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
        """What the settings keep, and the API and pages are told; what the kind does not have is left out."""
        plain = asdict(self) | {"scores": list(self.scores), "choices": list(self.choices)}
        return {name: value for name, value in plain.items() if value not in (None, [])}


@dataclass(frozen=True)
class Submitted:
    """What one submission says about the follow-up questions."""

    reasons: Sequence[str]
    answers: Mapping[str, Any]
    comment: str | None
    #: What the page says became of each question: {id: shown, answered or skipped}.
    outcomes: Mapping[str, str]


class QuestionKind:
    """One kind. A subclass says what it has, and overrides what its answers need."""

    name: ClassVar[str]
    #: Submissions hold an answer of its own.
    has_answer: ClassVar[bool] = False
    #: At most two questions of such kinds follow one answer. Of every other kind at most one does.
    is_repeatable: ClassVar[bool] = False
    #: The page of a longer survey can ask it.
    is_for_page: ClassVar[bool] = False
    has_choices: ClassVar[bool] = False
    has_range: ClassVar[bool] = False
    #: It may lead to another page.
    has_link: ClassVar[bool] = False
    #: Its press is the answer.
    is_pressed: ClassVar[bool] = False
    #: Its answer is written freely and may name somebody, so erasing a person clears it.
    is_free_text: ClassVar[bool] = False
    #: The product has a text for it, so the owner need not give one.
    has_default_text: ClassVar[bool] = False

    def check_definition(self, definition: Mapping[str, Any], pointer: str) -> None:
        """Raise Invalid where an owner's definition lacks what only this kind needs; `pointer` is the question's."""

    def validate(self, question: Question, value: Any) -> None:
        """Raise Invalid unless `value` is an answer to `question`."""
        raise Invalid("This question takes no answer of its own.", pointer=question.answer_pointer)

    def is_answered(self, question: Question, submitted: Submitted) -> bool:
        """Whether a submission answers the question."""
        return question.id in submitted.answers

    def parse(self, texts: Sequence[str]) -> Any:
        """Return the value that a form's texts stand for; `validate` decides whether it is an answer."""
        return texts[0]

    def word(self, question: Question, value: Any, words: Mapping[str, Any]) -> str:
        """Return the answer as people read it. `words` are the question's own, in one language."""
        return str(value)


class FreeText(QuestionKind):
    """A kind whose answer is written."""

    has_answer = True
    is_free_text = True
    max_length: ClassVar[int]

    def validate(self, question: Question, value: Any) -> None:
        if not isinstance(value, str) or not value.strip() or len(value) > self.max_length:
            raise Invalid(
                f"The answer is a text of 1 to {self.max_length} characters.", pointer=question.answer_pointer
            )
