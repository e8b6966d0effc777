"""What a revision asks after the first tap: the steps, for which answers each is, and what may be answered to it.

A step as it is stored in a revision's settings: {"id", "kind", "scores", and by kind "choices", "low", "high", "link";
"page" where it is a question of the longer survey}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from ..core.errors import Invalid
from .scales import Scale

Kind = Literal["reasons", "choice", "several", "scale", "text", "comment", "callback", "review", "chat", "survey"]
Outcome = Literal["shown", "answered", "skipped"]
KINDS: tuple[str, ...] = get_args(Kind)
OUTCOMES: tuple[str, ...] = get_args(Outcome)
#: Further questions; of the other kinds one answer is followed by one of each.
QUESTIONS = ("choice", "scale", "text")
MOST_QUESTIONS = 2
#: What the longer survey asks, on a page of its own behind the link of the step `survey`.
ON_PAGE = (*QUESTIONS, "several")
MOST_ON_PAGE = 10
WITH_CHOICES = ("reasons", "choice", "several")
#: Their press is the answer.
PRESSED = ("review", "chat", "survey")
#: What is written freely may say who somebody is: erasing a person clears it.
WRITTEN = ("text", "callback")
MOST_STEPS, MOST_CHOICES = 20, 12
#: A full comment beside both questions still fits into one body of the widget.
LONGEST_TEXT, LONGEST_CONTACT = 300, 100
HIGHEST = 10


@dataclass(frozen=True)
class SurveyStep:
    """One step. `scores` are the answers that it follows, `choices` the keys of what may be chosen."""

    id: str
    kind: str
    scores: tuple[int, ...]
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    link: str | None = None
    page: bool | None = None

    def stored(self) -> dict[str, Any]:
        """What the settings keep, and the API and pages are told; what the kind does not have is left out."""
        plain = asdict(self) | {"scores": list(self.scores), "choices": list(self.choices)}
        return {name: value for name, value in plain.items() if value not in (None, [])}

    def refuse(self, value: Any) -> None:
        """A 422 for an answer that this step does not have."""
        pointer = f"/answers/{self.id}"
        if self.kind == "choice":
            if value not in self.choices:
                raise Invalid(f"The answer is one of {', '.join(self.choices)}.", pointer=pointer)
        elif self.kind == "several":
            if not isinstance(value, list) or not value or value != [key for key in self.choices if key in value]:
                raise Invalid(f"The answer is a list of some of {', '.join(self.choices)}.", pointer=pointer)
        elif self.kind == "scale":
            assert self.low is not None and self.high is not None
            if type(value) is not int or not self.low <= value <= self.high:
                raise Invalid(f"The answer is a number from {self.low} to {self.high}.", pointer=pointer)
        elif self.kind in WRITTEN:
            longest = LONGEST_TEXT if self.kind == "text" else LONGEST_CONTACT
            if not isinstance(value, str) or not value.strip() or len(value) > longest:
                raise Invalid(f"The answer is a text of 1 to {longest} characters.", pointer=pointer)
        else:
            raise Invalid("This step takes no answer of its own.", pointer=pointer)


def read_steps(settings: Mapping[str, Any]) -> tuple[SurveyStep, ...]:
    """The steps of a revision, in their order."""
    return tuple(
        SurveyStep(**{**one, "scores": tuple(one["scores"]), "choices": tuple(one.get("choices", ()))})
        for one in settings.get("steps", ())
    )


def steps_after(steps: Iterable[SurveyStep], score: int) -> dict[str, SurveyStep]:
    """The steps that follow this answer, by id."""
    return {step.id: step for step in steps if score in step.scores}


def check_answers(
    steps: Iterable[SurveyStep],
    score: int,
    reasons: Sequence[str],
    answers: Mapping[str, Any],
    told: Mapping[str, str],
) -> None:
    """A 422 with a pointer to the first reason, answer or step that does not follow this answer in this revision."""
    follow = steps_after(steps, score)
    known = {choice for step in follow.values() if step.kind == "reasons" for choice in step.choices}
    for at, reason in enumerate(reasons):
        if reason not in known or reason in reasons[:at]:
            raise Invalid("This revision has no such reason for this answer.", pointer=f"/reasons/{at}")
    for where, given in (("answers", answers), ("steps", told)):
        for name in given:
            if name not in follow:
                raise Invalid("This revision has no such step after this answer.", pointer=f"/{where}/{name}")
    for name, value in answers.items():
        follow[name].refuse(value)


def outcomes(
    steps: Iterable[SurveyStep],
    score: int,
    reasons: Sequence[str],
    answers: Mapping[str, Any],
    comment: str | None,
    told: Mapping[str, str],
) -> dict[str, str]:
    """What became of each step that the visitor saw: shown (and left there), answered or skipped.

    A step with an answer is answered, whatever the page says of it; without one it was only seen.
    """
    found: dict[str, str] = {}
    for step in steps_after(steps, score).values():
        given = step.id in answers or (step.kind == "reasons" and bool(reasons))
        given = given or (step.kind == "comment" and bool(comment) and step.id in told)
        said = told.get(step.id)
        if given:
            found[step.id] = "answered"
        elif said is not None:
            found[step.id] = "shown" if said == "answered" and step.kind not in PRESSED else said
    return found


def make_steps(given: Sequence[Mapping[str, Any]], scale: Scale) -> list[SurveyStep]:
    """The steps that an owner describes, each with the scores that it follows. `Invalid` names the first wrong one.

    `given` has the fields of the API (api/surveys/schemas.py): "tones" or "scores" say after which answers, neither
    after all.
    """
    made: list[SurveyStep] = []
    for at, one in enumerate(given):
        where = f"/steps/{at}"
        step = _make(one, scale, where)
        if any(step.id == other.id for other in made):
            raise Invalid("Two steps have this id.", pointer=f"{where}/id")
        made.append(step)
        _refuse_too_many(made, step, where)
    _check_survey(made)
    return made


def _make(one: Mapping[str, Any], scale: Scale, where: str) -> SurveyStep:
    kind, choices = one["kind"], tuple(one.get("choices", ()))
    if (kind in WITH_CHOICES) != bool(choices) or len(choices) == 1:
        wanted = (
            "Give at least two choices." if kind in WITH_CHOICES else "Only reasons, choice and several have choices."
        )
        raise Invalid(wanted, pointer=f"{where}/choices")
    if len(set(choices)) < len(choices):
        raise Invalid("Each choice has a key of its own.", pointer=f"{where}/choices")
    low, high = one.get("low"), one.get("high")
    if kind == "scale":
        low, high = 1 if low is None else low, 5 if high is None else high
        if low >= high:
            raise Invalid("A scale has at least two steps.", pointer=f"{where}/high")
    elif low is not None or high is not None:
        raise Invalid("Only a scale has low and high.", pointer=f"{where}/{'low' if low is not None else 'high'}")
    page = one.get("page") or None
    if page and kind not in ON_PAGE:
        raise Invalid(f"The page of a longer survey asks {', '.join(ON_PAGE)}.", pointer=f"{where}/page")
    if kind == "several" and not page:
        raise Invalid(
            "Several is asked on the page of a longer survey; give `page`, or ask for reasons.", pointer=f"{where}/page"
        )
    link = one.get("link")
    _check_link(kind, link, f"{where}/link")
    return SurveyStep(one["id"], kind, _scores(one, scale, where), choices, low, high, link, page)


def _check_link(kind: str, link: str | None, pointer: str) -> None:
    if link is None:
        if kind == "review":
            raise Invalid("Give the address where a review is written.", pointer=pointer)
        return
    if kind not in ("review", "chat"):
        raise Invalid("Only review and chat lead to another page.", pointer=pointer)
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    # Anything but a page, such as `javascript:`, would run where the visitor is.
    if parts.scheme not in ("http", "https") or not parts.hostname or not link.isascii() or " " in link:
        raise Invalid("Give a whole address that begins with https://.", pointer=pointer)


def _scores(one: Mapping[str, Any], scale: Scale, where: str) -> tuple[int, ...]:
    tones, scores = one.get("tones"), one.get("scores")
    if tones is not None and scores is not None:
        raise Invalid("Give tones or scores, not both.", pointer=f"{where}/scores")
    if scores is not None:
        for at, score in enumerate(scores):
            if not scale.holds(score):
                raise Invalid(f"The scores lie between {scale.low} and {scale.high}.", pointer=f"{where}/scores/{at}")
        found = {*scores}
    else:
        found = {score for score in scale.scores if tones is None or scale.tone(score) in tones}
    if not found:
        name = "tones" if scores is None else "scores"
        raise Invalid("No answer of this look is among these.", pointer=f"{where}/{name}")
    return tuple(sorted(found))


def _refuse_too_many(made: Sequence[SurveyStep], step: SurveyStep, where: str) -> None:
    """The steps after one answer stay few: two questions, one of each other kind, and ten questions on the page."""
    group: tuple[str, ...]
    if step.page:
        group, most, what = ON_PAGE, MOST_ON_PAGE, "questions of a longer survey"
    elif step.kind in QUESTIONS:
        group, most, what = QUESTIONS, MOST_QUESTIONS, "further questions"
    else:
        group, most, what = (step.kind,), 1, f"step of the kind {step.kind}"
    alike = [other for other in made if other.kind in group and other.page == step.page]
    for score in step.scores:
        if sum(score in other.scores for other in alike) > most:
            raise Invalid(f"The answer {score} is followed by at most {most} {what}.", pointer=where)


def _check_survey(made: Sequence[SurveyStep]) -> None:
    """A link leads to at least one question, and a question of the page has a link that leads there."""
    led = {score for step in made if step.kind == "survey" for score in step.scores}
    asked = {score for step in made if step.page for score in step.scores}
    for at, step in enumerate(made):
        if step.kind == "survey" and not asked.issuperset(step.scores):
            raise Invalid(
                "Nothing is asked behind this link after each answer: give steps with `page`.", pointer=f"/steps/{at}"
            )
        if step.page and not led.issuperset(step.scores):
            raise Invalid(
                "No step of the kind survey leads here after each of these answers.", pointer=f"/steps/{at}/page"
            )
