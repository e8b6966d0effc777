"""The seeded demo: one conversation of each kind, with realistic times, and unchanged by a second run."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.storage.models import metadata
from widget_server.core.config import Config
from widget_server.demo import play
from widget_server.demo.agents import AGENTS
from widget_server.demo.articles import ARTICLES
from widget_server.demo.seed import NAME, seed
from widget_server.demo.stories import ARTICLE_VOTES, STORIES
from widget_server.sites.models import Site
from widget_server.storage.db import db

from ..applications import Applications
from ..back_end import Api
from ..conftest import SECRET_KEY
from ..databases import ON_BOTH, copy_of, sqlite_url

YESTERDAY = timedelta(hours=48)


@pytest.fixture
def keys(config: Config) -> dict[str, str]:
    """Seed a demo and return the shop's keys."""
    return json.loads(seed(config).read_text())


@pytest.fixture(scope="module")
def keys_file(template_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seed the demo that read-only tests share, and return the shop's keys; its database is beside the file."""
    folder = tmp_path_factory.mktemp("demo")
    return seed(config_of(folder, copy_of(template_file, folder)))


@pytest.fixture
def back_end(keys_file: Path, applications: Applications) -> Iterator[Api]:
    config = config_of(keys_file.parent, sqlite_url(keys_file.parent / "tilfreds.sqlite3"))
    with applications.lend(config) as app:
        yield Api(app.test_client(), json.loads(keys_file.read_text())["api_key"])


def config_of(folder: Path, database_url: str) -> Config:
    return Config(data_dir=folder, database_url=database_url, secret_keys=(SECRET_KEY,), public_url="http://localhost")


def conversations(back_end: Api) -> dict[str, dict[str, Any]]:
    rows = back_end.get("/conversations").get_json()["conversations"]
    return {row["external_id"] or row["unverified_id"]: row for row in rows}


def counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def test_there_is_one_conversation_of_each_kind(back_end: Api) -> None:
    listed = conversations(back_end)
    assert {name: one["status"] for name, one in listed.items()} == {
        "order-4411": "rated",
        "return-4398": "rated",
        "chat-5120": "waiting",
        "chat-5098": "withdrawn",
        "chat-5071": "not_asked",
        "partner-chat-88": "rated",
        "chat-5103": "rated",
    }
    corrected = listed["return-4398"]["rating"]["corrected"]
    assert corrected["before"]["word"] == "Bad"
    assert corrected["recovery"] is True
    assert listed["return-4398"]["rating"]["answer"]["word"] == "Good"
    assert listed["chat-5071"]["reason"] == "no_person_answered"
    verified = {name: one["rating"]["verified"] for name, one in listed.items() if one["status"] == "rated"}
    assert [name for name, is_verified in verified.items() if not is_verified] == ["partner-chat-88"]


def test_negative_ratings_have_reasons_and_a_contact(back_end: Api) -> None:
    rating = back_end.get("/conversations/order-4411").get_json()["segments"][1]["rating"]
    assert [reason["word"] for reason in rating["reasons"]] == ["I waited long", "Not solved"]
    assert [answer["word"] for answer in rating["answers"]] == ["+45 55 55 01 42"]


def test_the_rated_conversation_continued_and_has_both_ratings(back_end: Api) -> None:
    segments = back_end.get("/conversations/order-4411").get_json()["segments"]
    assert [segment["rating"]["answer"]["word"] for segment in segments] == ["Good", "Bad"]
    for segment in segments:
        assert segment["pin"] == segment["messages"][-1]["external_id"]


def test_everything_happened_today_or_yesterday_in_order(back_end: Api) -> None:
    now = datetime.now(UTC)
    for one in conversations(back_end).values():
        conversation = back_end.get(f"/conversations/{one['external_id'] or one['id']}").get_json()
        moments = [message["sent_at"] for segment in conversation["segments"] for message in segment["messages"]]
        assert moments == sorted(moments)
        times = [datetime.fromisoformat(moment) for moment in [*moments, conversation["latest_at"]]]
        assert all(now - YESTERDAY < moment < now for moment in times)


def test_each_vote_on_an_article_is_from_another_visitor(back_end: Api) -> None:
    subjects = back_end.get("/subjects").get_json()["subjects"]
    assert {one["subject"] for one in subjects} == {article.path for article in ARTICLES.values()}
    for one in subjects:
        pressed = [score for path, _, score, _ in ARTICLE_VOTES if path == one["subject"]]
        assert one["answered"] == len(pressed)
        assert one["shown"] > len(pressed)


def test_the_demo_has_six_languages_and_accepts_only_this_machine(back_end: Api, keys_file: Path) -> None:
    site = back_end.get("/site").get_json()
    assert site["key"] == json.loads(keys_file.read_text())["site_key"]
    assert site["languages"] == ["en", "da", "nb", "sv", "de", "ar"]
    assert all(
        origin.startswith(("http://localhost", "http://127.0.0.1", "http://[::1]"))
        for origin in site["allowed_origins"]
    )
    assert {agent["external_id"] for agent in back_end.get("/agents").get_json()["agents"]} == {
        agent.external_id for agent in AGENTS
    }


@ON_BOTH
def test_seeding_twice_does_nothing(app: Flask, config: Config, keys: dict[str, str]) -> None:
    before = counts(app)
    assert before["conversation"] == len(STORIES)
    assert json.loads(seed(config).read_text()) == keys
    assert counts(app) == before


def test_only_the_owner_can_read_the_shops_keys(keys_file: Path) -> None:
    assert stat.S_IMODE(keys_file.stat().st_mode) == 0o600


def test_lost_keys_are_replaced_for_the_same_site(app: Flask, config: Config, keys: dict[str, str]) -> None:
    before = counts(app)
    seed(config).unlink()
    new_keys = json.loads(seed(config).read_text())
    assert new_keys["site_key"] == keys["site_key"]
    assert new_keys["api_key"] != keys["api_key"]
    changed = {name for name, count in counts(app).items() if count != before[name]}
    assert changed == {"api_key", "signing_secret"}


@pytest.mark.slow
def test_an_interrupted_seed_is_finished(app: Flask, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    original_play = play.Player.play
    monkeypatch.setattr(play.Player, "play", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        seed(config)
    monkeypatch.setattr(play.Player, "play", original_play)
    seed(config)
    assert counts(app)["conversation"] == len(STORIES)
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Site.name == NAME)) == 1


def test_the_clock_is_reset_after_a_story(keys_file: Path) -> None:
    assert abs(play.clock.now() - datetime.now(UTC)) < timedelta(minutes=1)  # type: ignore[attr-defined]
