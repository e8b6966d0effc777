"""Conversations and ratings of another system, imported by the API and by the command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.back_end import Api, done
from tests.conftest import SECRET_KEY
from tests.conversations.rows import rows, wrong_counts
from tests.databases import ON_BOTH
from tests.factories import MadeSite, MadeSurvey, Make
from widget_server.cli import main
from widget_server.commands import imports
from widget_server.core.config import Config
from widget_server.surveys.scales import SCALES

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "importing.md"
OLD_CHAT: dict[str, Any] = {
    "external_id": "old/1",
    "visitor": "ann",
    "title": "Late parcel",
    "team": "North",
    "messages": [
        {"external_id": "m1", "author": "visitor", "text": "Where?", "sent_at": "2019-05-06T10:00:00Z"},
        {"external_id": "m2", "author": "agent", "agent": "sam", "text": "Here.", "sent_at": "2019-05-06T10:05:00Z"},
        {"external_id": "m3", "author": "visitor", "text": "And now?", "sent_at": "2019-05-07T10:00:00Z"},
    ],
    "ends": [
        {
            "ended_at": "2019-05-06T11:00:00Z",
            "closer": "kim",
            "rating": {"scale": "five", "score": 4, "comment": "Quick", "rated_at": "2019-05-06T12:00:00Z"},
        },
        {"ended_at": "2019-05-07T11:00:00Z"},
    ],
}


def import_chats(api: Api, *chats: dict[str, Any]) -> Any:
    return done(api.post("/import", {"conversations": list(chats)}))


@pytest.fixture
def survey(make: Make, site: MadeSite) -> MadeSurvey:
    """Make an open survey, which would ask about every chat that was not imported."""
    return make.survey(site)


@ON_BOTH
def test_a_conversation_with_its_rating_is_imported(app: Flask, api: Api, survey: MadeSurvey) -> None:
    result = import_chats(api, OLD_CHAT)
    assert result == {
        "imported": [{"external_id": "old/1", "segments": 2, "messages": 3, "ratings": 1}],
        "rejected": [],
    }
    chat = done(api.get("/conversations/old%2F1"))
    first, second = chat["segments"]
    assert [[message["external_id"] for message in segment["messages"]] for segment in (first, second)] == [
        ["m1", "m2"],
        ["m3"],
    ]
    assert (first["status"], first["pin"], first["agents"]) == ("rated", "m2", ["sam", "kim"])
    assert (second["status"], second["reason"]) == ("not_asked", "imported")
    rating = first["rating"]
    assert (rating["answer"]["scale"], rating["answer"]["score"], rating["comment"]) == ("five", 4, "Quick")
    assert (rating["first_at"], rating["imported_at"] is None) == ("2019-05-06T12:00:00Z", False)
    assert (chat["latest_at"], chat["title"], chat["visitor"]) == ("2019-05-07T11:00:00Z", "Late parcel", "ann")
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_rating_is_marked_and_counts_for_its_agents_on_its_day(app: Flask, api: Api, survey: MadeSurvey) -> None:
    import_chats(api, OLD_CHAT)
    (vote,) = done(api.get("/votes?imported=true&agent=sam&until=2020-01-01T00:00:00Z"))["votes"]
    assert (vote["subject"], vote["agents"], vote["team"]) == ("old/1", ["sam", "kim"], "North")
    assert done(api.get("/votes?imported=false"))["votes"] == []
    assert vote["survey"] != str(survey.id)
    scores = done(api.get("/agents/sam/scores?by=month&since=2019-01-01&until=2020-01-01"))
    assert [period["start"] for period in scores["periods"]] == ["2019-05-01"]
    assert done(api.get("/conversations?status=unread"))["conversations"] == []


@ON_BOTH
def test_repeating_an_import_adds_only_what_is_missing(app: Flask, api: Api) -> None:
    import_chats(api, {**OLD_CHAT, "ends": OLD_CHAT["ends"][1:]})
    later = import_chats(api, {**OLD_CHAT, "external_id": "old/2", "ends": []}, OLD_CHAT)
    assert [counts["ratings"] for counts in later["imported"]] == [0, 1]
    assert [counts["messages"] for counts in later["imported"]] == [3, 0]
    import_chats(api, {**OLD_CHAT, "external_id": "old/2"})
    before = [rows(app, name) for name in ("message", "segment", "invitation", "vote", "survey")]
    again = import_chats(api, {**OLD_CHAT, "external_id": "old/2"})
    assert again["imported"] == [{"external_id": "old/2", "segments": 0, "messages": 0, "ratings": 0}]
    assert [rows(app, name) for name in ("message", "segment", "invitation", "vote", "survey")] == before
    assert wrong_counts(app) == []


def test_every_scale_keeps_its_scores(app: Flask, api: Api, make: Make, site: MadeSite) -> None:
    scales = {"three": 3, "thumbs": 1, "five": 5, "seven": 7, "ten": 10, "nps": 0, "ces": 7, "ces_reversed": 1}
    chats = [
        {
            "external_id": f"{scale}-{number}",
            "ends": [{"ended_at": "2019-05-06T11:00:00Z", "rating": {"scale": scale, "score": score}}],
        }
        for scale, score in scales.items()
        for number in range(2)
    ]
    assert import_chats(api, *chats)["rejected"] == []
    answers = [vote["answer"] for vote in done(api.get("/votes?imported=true"))["votes"]]
    assert {(answer["scale"], answer["score"]) for answer in answers} == set(scales.items())
    sentiments = {answer["scale"]: answer["sentiment"] for answer in answers}
    assert (sentiments["ces_reversed"], sentiments["nps"], sentiments["thumbs"]) == ("positive", "negative", "negative")
    surveys = done(api.get("/surveys"))["surveys"]
    assert len(surveys) == len(scales) and all(survey["closed_at"] for survey in surveys)
    live = make.chat(site)
    assert make.end(site, live)["reason"] == "no_survey", "a survey of imported ratings asks nobody"


def test_several_ratings_without_messages_have_a_segment_each(api: Api) -> None:
    ends = [
        {"ended_at": f"2019-05-0{day}T11:00:00Z", "rating": {"scale": "thumbs", "score": 1 + day % 2}}
        for day in (3, 1, 2)
    ]
    import_chats(api, {"external_id": "old", "ends": ends})
    segments = done(api.get("/conversations/old"))["segments"]
    assert [segment["rating"]["answer"]["score"] for segment in segments] == [2, 1, 2]


def test_a_message_that_is_imported_with_more_than_one_call_allows(api: Api) -> None:
    messages = [
        {"external_id": f"m{n}", "author": "visitor", "text": "", "sent_at": f"2019-05-06T10:{n // 60:02}:{n % 60:02}Z"}
        for n in range(501)
    ]
    (counts,) = import_chats(
        api, {"external_id": "long", "messages": messages, "ends": [{"ended_at": "2019-05-06T11:00:00Z"}]}
    )["imported"]
    assert (counts["messages"], counts["segments"]) == (501, 1)


#: Changes of the chat that make it invalid, with the pointer of the problem.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"external_id": None}, "/external_id"),
    ({"external_id": "a/end"}, "/external_id"),
    ({"browser": "0" * 64}, "/browser"),
    ({"messages": [{"external_id": "m", "author": "visitor", "text": ""}]}, "/messages/0/sent_at"),
    ({"ends": [{}]}, "/ends/0/ended_at"),
    ({"ends": [{"ended_at": "2019-05-06T11:00:00Z", "rating": {"scale": "four", "score": 1}}]}, "/ends/0/rating/scale"),
    ({"ends": [{"ended_at": "2019-05-06T11:00:00Z", "rating": {"scale": "five", "score": 6}}]}, "/ends/0/rating/score"),
]


@ON_BOTH
def test_a_wrong_conversation_stops_no_other(app: Flask, api: Api) -> None:
    wrong = [{**OLD_CHAT, "external_id": f"wrong-{n}", **change} for n, (change, _) in enumerate(WRONG)]
    result = import_chats(api, *wrong, OLD_CHAT, {**OLD_CHAT, "external_id": "old/2"})
    assert [problem["pointer"] for problem in result["rejected"]] == [pointer for _, pointer in WRONG]
    assert [problem["position"] for problem in result["rejected"]] == list(range(len(WRONG)))
    assert [counts["external_id"] for counts in result["imported"]] == ["old/1", "old/2"]
    assert len(rows(app, "conversation")) == 2


def test_a_body_that_is_no_list_is_rejected(api: Api) -> None:
    bodies: tuple[Any, ...] = ([], {}, {"conversations": []}, {"conversations": [{}] * 101})
    for body in bodies:
        response = api.post("/import", body)
        assert (response.status_code, response.get_json()["pointer"]) == (422, "/conversations")
    assert api.post("/import", {"more": 1}).get_json()["pointer"] == "/more"


def test_a_segment_that_was_asked_here_takes_no_imported_rating(
    api: Api, make: Make, site: MadeSite, survey: MadeSurvey
) -> None:
    chat = make.chat(site)
    ended_at = make.end(site, chat)["ended_at"]
    rated = {"ended_at": ended_at, "rating": {"scale": "three", "score": 3}}
    (problem,) = import_chats(api, {"external_id": chat, "ends": [rated]})["rejected"]
    assert (problem["code"], problem["pointer"]) == ("conflict", "/ends/0/rating")


def test_the_example_of_the_guide_is_imported(api: Api) -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    (counts,) = import_chats(api, json.loads(example))["imported"]
    assert (counts["messages"], counts["segments"], counts["ratings"]) == (2, 1, 1)


def test_the_table_of_scales_in_the_guide_equals_the_code() -> None:
    rows_of_table = re.findall(r"^\| (`[^|]*`) \| (\d+) (?:to|and) (\d+) \|", GUIDE.read_text("utf-8"), re.M)
    documented = {
        name: (int(low), int(high)) for names, low, high in rows_of_table for name in re.findall(r"`(\w+)`", names)
    }
    assert documented == {name: (scale.low, scale.high) for name, scale in SCALES.items()}


@pytest.fixture
def run(config: Config) -> Callable[..., Result]:
    """Return a function that runs `tilfreds import` on the database of the test."""
    env = {
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url,
        "SECRET_KEYS": SECRET_KEY.decode(),
        "PUBLIC_URL": config.base_url,
    }
    return lambda *words: CliRunner(env=env).invoke(main, ["import", *map(str, words)], catch_exceptions=False)


@ON_BOTH
def test_the_command_imports_a_file_and_shows_its_progress(
    app: Flask,
    api: Api,
    site: MadeSite,
    run: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "PROGRESS_STEP", 4)
    file = tmp_path / "chats.jsonl"
    lines = [json.dumps({**OLD_CHAT, "external_id": f"old/{n}"}) for n in range(5)]
    file.write_text("\n".join([*lines[:2], "", '{"external_id": "x", "ends": [{}]}', "{", *lines[2:]]) + "\n")
    result = run(site.key, file)
    assert result.exit_code == 1
    assert "Line 4: /ends/0/ended_at: " in result.stderr and "Line 5: " in result.stderr
    assert "4 of 7 conversations\n7 of 7 conversations" in result.stderr
    assert result.stdout == "Added 15 messages, 10 ends and 5 ratings.\n"
    assert (len(rows(app, "vote")), len(rows(app, "survey")), wrong_counts(app)) == (5, 1, [])
    file.write_text("\n".join(lines))
    again = run(site.key, file)
    assert (again.exit_code, again.stdout) == (0, "Added 0 messages, 0 ends and 0 ratings.\n")
