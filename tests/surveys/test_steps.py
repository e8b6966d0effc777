"""What an owner may ask after the first tap: told strictly, with a pointer to the first thing that is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.surveys.stepped import STEPPED

REASONS = {"id": "why", "kind": "reasons", "choices": ["a", "b"]}
SCALE = {"id": "q1", "kind": "scale"}
REVIEW = {"id": "r", "kind": "review", "link": "https://reviews.example/us"}
ASKED: dict[str, Any] = {"ask": "What?", "choices": {"a": "A", "b": "B"}}


def post(api: Api, *steps: Any, look: str = "faces", **more: Any) -> Any:
    named = [step for step in steps if step.get("id", "?").isalnum()]
    words = {step["id"]: ASKED if "choices" in step else {"ask": "What?"} for step in named}
    texts = more.pop("texts", {"en": {"steps": words}})
    body = {"name": "x", "placement": "article", "look": look, "steps": list(steps), "texts": texts, **more}
    return api.post("/surveys", body)


@ON_BOTH
def test_a_whole_one_is_kept_and_told_with_the_scores_that_each_step_follows(api: Api) -> None:
    made = done(api.post("/surveys", {"name": "x", "placement": "article", **copy.deepcopy(STEPPED)}))
    (revision,) = made["revisions"]
    assert {step["id"]: step["scores"] for step in revision["steps"]} == {
        "why": [1, 2],
        "effort": [1],
        "wish": [1],
        "call": [1],
        "review": [3],
    }
    assert [step for step in revision["steps"] if step["id"] == "effort"] == [
        {"id": "effort", "kind": "scale", "scores": [1], "low": 1, "high": 5}
    ]
    assert revision["comment"] is True
    again = done(api.post(f"/surveys/{made['id']}/revisions", {"look": "nps"}))
    assert [len(one["steps"]) for one in again["revisions"]] == [5, 0], "the earlier wording stays what it was"


def test_a_step_that_asks_for_the_comment_takes_the_place_of_its_link(api: Api) -> None:
    made = done(post(api, {"id": "word", "kind": "comment", "tones": ["negative"]}))
    assert made["revisions"][0]["comment"] is False


REFUSED_STEPS: list[tuple[Any, str]] = [
    ([{"kind": "text"}], "/steps/0/id"),
    ([{"id": "Why?", "kind": "text"}], "/steps/0/id"),
    ([{"id": "why", "kind": "essay"}], "/steps/0/kind"),
    ([{"id": "why", "kind": "text", "needed": True}], "/steps/0/needed"),
    ([{"id": "why", "kind": "text", "tones": ["angry"]}], "/steps/0/tones/0"),
    ([{"id": "why", "kind": "text", "scores": [1, 4]}], "/steps/0/scores/1"),
    ([{"id": "why", "kind": "text", "scores": []}], "/steps/0/scores"),
    ([{"id": "why", "kind": "text", "scores": [1], "tones": ["negative"]}], "/steps/0/scores"),
    ([{"id": "why", "kind": "reasons"}], "/steps/0/choices"),
    ([{"id": "why", "kind": "choice", "choices": ["a"]}], "/steps/0/choices"),
    ([{"id": "why", "kind": "choice", "choices": ["a", "a"]}], "/steps/0/choices"),
    ([{"id": "why", "kind": "text", "choices": ["a", "b"]}], "/steps/0/choices"),
    ([{"id": "why", "kind": "text", "low": 1}], "/steps/0/low"),
    ([{"id": "why", "kind": "scale", "high": 11}], "/steps/0/high"),
    ([SCALE, {"id": "q1", "kind": "text"}], "/steps/1/id"),
    ([REASONS, {**REASONS, "id": "too"}], "/steps/1"),
    ([SCALE, {**SCALE, "id": "q2"}, {"id": "q3", "kind": "text", "scores": [3]}], "/steps/2"),
    ([{"id": "r", "kind": "review"}], "/steps/0/link"),
    ([{**REVIEW, "link": "javascript:alert(1)"}], "/steps/0/link"),
    ([{**REVIEW, "link": "//reviews.example"}], "/steps/0/link"),
    ([{**REVIEW, "link": "https://"}], "/steps/0/link"),
    ([{**REVIEW, "link": "https://[half"}], "/steps/0/link"),
    ([{"id": "why", "kind": "text", "link": "https://a.example"}], "/steps/0/link"),
    ("why", "/steps"),
]


def test_what_cannot_be_asked_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for steps, pointer in REFUSED_STEPS:
        with subtests.test(steps=steps):
            answer = (
                post(api, *steps)
                if isinstance(steps, list)
                else api.post("/surveys", {"name": "x", "placement": "article", "steps": steps})
            )
            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
            assert done(api.get("/surveys"))["surveys"] == []


def test_nobody_is_neutral_by_thumbs(api: Api) -> None:
    answer = post(api, {"id": "why", "kind": "text", "tones": ["neutral"]}, look="thumbs")
    assert (answer.status_code, answer.get_json()["pointer"]) == (422, "/steps/0/tones")


REFUSED_WORDS: list[tuple[Any, str]] = [
    ({}, "/texts/en/steps/why/ask"),
    ({"en": {"steps": {"why": {"ask": "?"}}}}, "/texts/en/steps/why/choices/a"),
    ({"en": {"steps": {"why": ASKED, "who": ASKED}}}, "/texts/en/steps/who"),
    (
        {"en": {"steps": {"why": {**ASKED, "choices": {"a": "A", "b": "B", "c": "C"}}}}},
        "/texts/en/steps/why/choices/c",
    ),
    ({"en": {"steps": {"why": {**ASKED, "ends": ["a", "b"]}}}}, "/texts/en/steps/why/ends"),
    ({"en": {"steps": {"why": {**ASKED, "ask": ""}}}}, "/texts/en/steps/why/ask"),
    ({"da": {"steps": {"why": ASKED}}}, "/texts/en/steps/why/ask"),
    ({"en": {"steps": {"why": ASKED}, "thanks_for": {"4": "Oh"}}}, "/texts/en/thanks_for"),
]


def test_words_that_do_not_fit_the_steps_are_refused(api: Api, subtests: pytest.Subtests) -> None:
    for words, pointer in REFUSED_WORDS:
        with subtests.test(words=words):
            answer = post(api, REASONS, texts=words)
            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
