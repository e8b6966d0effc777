"""Tests of the definitions of follow-up questions: strict checks, with a pointer to the first wrong field."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.surveys.sample_questions import SAMPLE_QUESTIONS

REASONS = {"id": "why", "kind": "reasons", "choices": ["a", "b"]}
SCALE = {"id": "q1", "kind": "scale"}
REVIEW = {"id": "r", "kind": "review", "link": "https://reviews.example/us"}
CHOICE_WORDS: dict[str, Any] = {"ask": "What?", "choices": {"a": "A", "b": "B"}}


def post(api: Api, *questions: Any, look: str = "faces", **more: Any) -> Any:
    valid_questions = [question for question in questions if question.get("id", "?").isalnum()]
    words = {
        question["id"]: CHOICE_WORDS if "choices" in question else {"ask": "What?"} for question in valid_questions
    }
    texts = more.pop("texts", {"en": {"questions": words}})
    body = {"name": "x", "placement": "article", "look": look, "questions": list(questions), "texts": texts, **more}
    return api.post("/surveys", body)


@ON_BOTH
def test_questions_are_stored_with_the_scores_that_they_follow(api: Api) -> None:
    survey = done(api.post("/surveys", {"name": "x", "placement": "article", **copy.deepcopy(SAMPLE_QUESTIONS)}))
    (revision,) = survey["revisions"]
    assert {question["id"]: question["scores"] for question in revision["questions"]} == {
        "why": [1, 2],
        "effort": [1],
        "wish": [1],
        "call": [1],
        "review": [3],
    }
    assert [question for question in revision["questions"] if question["id"] == "effort"] == [
        {"id": "effort", "kind": "scale", "scores": [1], "low": 1, "high": 5}
    ]
    assert revision["comment"] is True
    changed_survey = done(api.post(f"/surveys/{survey['id']}/revisions", {"look": "nps"}))
    counts = [len(revision["questions"]) for revision in changed_survey["revisions"]]
    assert counts == [5, 0], "the earlier revision does not change"


def test_a_comment_question_replaces_the_comment_link(api: Api) -> None:
    survey = done(post(api, {"id": "word", "kind": "comment", "sentiments": ["negative"]}))
    assert survey["revisions"][0]["comment"] is False


REJECTED_QUESTIONS: list[tuple[Any, str]] = [
    ([{"kind": "text"}], "/questions/0/id"),
    ([{"id": "Why?", "kind": "text"}], "/questions/0/id"),
    ([{"id": "why", "kind": "essay"}], "/questions/0/kind"),
    ([{"id": "why", "kind": "text", "needed": True}], "/questions/0/needed"),
    ([{"id": "why", "kind": "text", "sentiments": ["angry"]}], "/questions/0/sentiments/0"),
    ([{"id": "why", "kind": "text", "scores": [1, 4]}], "/questions/0/scores/1"),
    ([{"id": "why", "kind": "text", "scores": []}], "/questions/0/scores"),
    ([{"id": "why", "kind": "text", "scores": [1], "sentiments": ["negative"]}], "/questions/0/scores"),
    ([{"id": "why", "kind": "reasons"}], "/questions/0/choices"),
    ([{"id": "why", "kind": "choice", "choices": ["a"]}], "/questions/0/choices"),
    ([{"id": "why", "kind": "choice", "choices": ["a", "a"]}], "/questions/0/choices"),
    ([{"id": "why", "kind": "text", "choices": ["a", "b"]}], "/questions/0/choices"),
    ([{"id": "why", "kind": "text", "low": 1}], "/questions/0/low"),
    ([{"id": "why", "kind": "scale", "high": 11}], "/questions/0/high"),
    ([SCALE, {"id": "q1", "kind": "text"}], "/questions/1/id"),
    ([REASONS, {**REASONS, "id": "too"}], "/questions/1"),
    ([SCALE, {**SCALE, "id": "q2"}, {"id": "q3", "kind": "text", "scores": [3]}], "/questions/2"),
    ([{"id": "r", "kind": "review"}], "/questions/0/link"),
    ([{**REVIEW, "link": "javascript:alert(1)"}], "/questions/0/link"),
    ([{**REVIEW, "link": "//reviews.example"}], "/questions/0/link"),
    ([{**REVIEW, "link": "https://"}], "/questions/0/link"),
    ([{**REVIEW, "link": "https://[half"}], "/questions/0/link"),
    ([{"id": "why", "kind": "text", "link": "https://a.example"}], "/questions/0/link"),
    ("why", "/questions"),
]


def test_a_wrong_question_is_rejected(api: Api, subtests: pytest.Subtests) -> None:
    for questions, pointer in REJECTED_QUESTIONS:
        with subtests.test(questions=questions):
            answer = (
                post(api, *questions)
                if isinstance(questions, list)
                else api.post("/surveys", {"name": "x", "placement": "article", "questions": questions})
            )
            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
            assert done(api.get("/surveys"))["surveys"] == []


def test_thumbs_have_no_neutral_score(api: Api) -> None:
    answer = post(api, {"id": "why", "kind": "text", "sentiments": ["neutral"]}, look="thumbs")
    assert (answer.status_code, answer.get_json()["pointer"]) == (422, "/questions/0/sentiments")


REJECTED_WORDS: list[tuple[Any, str]] = [
    ({}, "/texts/en/questions/why/ask"),
    ({"en": {"questions": {"why": {"ask": "?"}}}}, "/texts/en/questions/why/choices/a"),
    ({"en": {"questions": {"why": CHOICE_WORDS, "who": CHOICE_WORDS}}}, "/texts/en/questions/who"),
    (
        {"en": {"questions": {"why": {**CHOICE_WORDS, "choices": {"a": "A", "b": "B", "c": "C"}}}}},
        "/texts/en/questions/why/choices/c",
    ),
    ({"en": {"questions": {"why": {**CHOICE_WORDS, "ends": ["a", "b"]}}}}, "/texts/en/questions/why/ends"),
    ({"en": {"questions": {"why": {**CHOICE_WORDS, "ask": ""}}}}, "/texts/en/questions/why/ask"),
    ({"da": {"questions": {"why": CHOICE_WORDS}}}, "/texts/en/questions/why/ask"),
    ({"en": {"questions": {"why": CHOICE_WORDS}, "thanks_for": {"4": "Oh"}}}, "/texts/en/thanks_for"),
]


def test_texts_that_do_not_match_the_questions_are_rejected(api: Api, subtests: pytest.Subtests) -> None:
    for words, pointer in REJECTED_WORDS:
        with subtests.test(words=words):
            answer = post(api, REASONS, texts=words)
            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
