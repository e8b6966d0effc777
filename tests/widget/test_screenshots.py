"""The screenshot of an answer (C15): who may add one, replacing and removing it, and how it is served."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from widget_server.ratings import images
from widget_server.ratings.images import Picture, clean
from widget_server.widget import screenshots

from ..back_end import Api
from ..console.conftest import Console, console, stranger
from ..conversations.rows import rows
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from .conftest import Page, press_id
from .pictures import decode, picture
from .showing import Answer, Answers, answer, answers, fetch_screenshot, unlimited

__all__ = ["answer", "answers", "console", "stranger"]
# Each test decodes pictures in a separate process.
pytestmark = pytest.mark.slow
MISSING = "01890000-0000-7000-8000-000000000000"


# Permission


def test_only_the_browser_of_the_current_answer_may_add_one(
    app: Flask, api: Api, answers: Answers, make: Make, client: FlaskClient
) -> None:
    mine, other = answers("/mine"), answers("/other")
    assert mine.show(picture()).status_code == 200
    before = rows(app, "screenshot")
    shop = make.site(name="Other")
    tries: dict[str, dict[str, Any]] = {
        "no credentials": {"headers": {"Authorization": ""}},
        "another scheme": {"headers": {"Authorization": f"Basic {mine.id}"}},
        "another browser": {"id": other.id},
        "a new id": {"id": press_id()},
        "the API key": {"id": api.key},
        "a hash of it": {"id": "0" * 64},
        "a vote that is not there": {"vote": "01890000-0000-7000-8000-000000000000"},
        "another site's key": {"key": shop.key},
        "a foreign page": {"headers": {"Origin": "https://evil.example"}},
    }
    for name, options in tries.items():
        for method in ("PUT", "DELETE"):
            unlimited(app)
            refused = mine.call(method, picture("JPEG"), **options)
            assert refused.status_code == 403, (name, method)
            assert refused.headers["Access-Control-Allow-Origin"] == refused.request.headers["Origin"]
    unlimited(app)
    assert mine.call("PUT", picture("JPEG"), key="unknown").status_code == 404
    assert rows(app, "screenshot") == before


def test_an_error_does_not_reveal_what_exists(answer: Answer) -> None:
    stranger, nothing = answer.show(picture(), id=press_id()), answer.show(picture(), vote=MISSING)
    assert stranger.get_json() == nothing.get_json()


@ON_BOTH
def test_the_browser_that_took_the_answer_over_may_add_one(
    app: Flask, answer: Answer, make: Make, site: MadeSite
) -> None:
    """Let the same visitor with cleared storage replace the answer; the earlier id loses its right."""
    chat = make.chat(site, browser="0" * 64)
    page = Page(answer.page.client, site.key, str(make.survey(site, screenshot=True).revision))
    decision = page.end(chat).get_json()
    first, second = press_id(), press_id()
    vote = page.vote(decision["token"], 1, id=first, age_ms=60_000).get_json()["vote"]
    page.vote(decision["token"], 2, id=second)
    assert answer.show(picture(), vote=vote, id=first).status_code == 403
    assert answer.show(picture(), vote=vote, id=second).status_code == 200


def test_agents_never_receive_the_id(api: Api, answer: Answer, console: Console, site: MadeSite) -> None:
    answer.show(picture())
    bodies = [api.get(path).get_data(as_text=True) for path in ("/votes", f"/votes/{answer.vote}", "/subjects")]
    bodies.append(console.get(f"{site.key}/articles").get_data(as_text=True))
    assert all(answer.id not in text for text in bodies)


def test_only_a_survey_that_offers_screenshots_accepts_one(
    api: Api, client: FlaskClient, make: Make, site: MadeSite
) -> None:
    page, id = Page(client, site.key, str(make.survey(site, "article").revision)), press_id()
    vote = page.vote({"kind": "article", "subject": "/a"}, id=id).get_json()["vote"]
    refused = Answer(page, vote, id).show(picture())
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_offered")


@pytest.mark.parametrize("value", [1, "true", None, []])
def test_the_setting_is_true_or_false(api: Api, value: Any) -> None:
    refused = api.post("/surveys", {"name": "a", "placement": "article", "screenshot": value})
    assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/screenshot")


def test_the_setting_is_listed_and_belongs_to_the_revision(api: Api, client: FlaskClient, site: MadeSite) -> None:
    created_survey = api.post("/surveys", {"name": "a", "placement": "article", "screenshot": True}).get_json()
    assert '"screenshot":true' in client.get(f"/w/{site.key}.js").get_data(as_text=True)
    again = api.post(f"/surveys/{created_survey['id']}/revisions", {}).get_json()
    assert [revision["screenshot"] for revision in again["revisions"]] == [True, False]
    assert "screenshot" not in client.get(f"/w/{site.key}.js").get_data(as_text=True)


# Repeated, replaced, lost, removed


@ON_BOTH
def test_the_same_image_changes_nothing_and_another_replaces_it(app: Flask, api: Api, answer: Answer) -> None:
    """Accept the same image again, because a client whose response was lost sends it again."""
    first = answer.show(picture())
    (row,) = rows(app, "screenshot")
    events = len(rows(app, "event"))
    assert answer.show(picture()).get_json() == first.get_json()
    assert (rows(app, "screenshot"), len(rows(app, "event"))) == ([row], events)
    answer.show(picture(colour="#b23a2e"))
    (other,) = rows(app, "screenshot")
    assert (other.vote_id, other.name != row.name, len(other.name)) == (row.vote_id, True, 22)
    red = decode(fetch_screenshot(api, answer)[1]).getpixel((5, 5))
    assert isinstance(red, tuple) and red[0] > 150


@ON_BOTH
def test_a_removed_screenshot_stays_removed(app: Flask, api: Api, answer: Answer) -> None:
    answer.show(picture())
    for _ in range(2):
        assert answer.call("DELETE").status_code == 204
    assert rows(app, "screenshot") == []
    kinds = [event.kind for event in rows(app, "event") if event.kind.startswith("screenshot")]
    assert kinds == ["screenshot.added", "screenshot.removed"]
    assert api.get(f"/votes/{answer.vote}").get_json()["answer"]["score"] == 1


@ON_BOTH
def test_a_vote_is_saved_while_an_image_is_decoded(answers: Answers, monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    """Save it without waiting, because only one connection writes."""
    answer, during = answers(), []

    def vote_and_clean(data: bytes) -> Picture:
        during.append(answers("/meanwhile"))
        return clean(data)

    monkeypatch.setattr(screenshots, "clean", vote_and_clean)
    assert answer.show(picture()).status_code == 200
    assert len(during) == 1 and fetch_screenshot(api, answer)[0]


@ON_BOTH
def test_an_answer_removed_during_the_upload_gets_no_screenshot(
    app: Flask, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove_and_clean(data: bytes) -> Picture:
        answer.page.vote({"kind": "article", "subject": "/help"}, None, id=answer.id, rev=2)
        return clean(data)

    monkeypatch.setattr(screenshots, "clean", remove_and_clean)
    refused = answer.show(picture())
    assert (refused.status_code, refused.get_json()["code"]) == (409, "removed")
    assert rows(app, "screenshot") == []


# Rate limits


def test_five_a_minute_from_one_address(answer: Answer) -> None:
    got = [answer.show(picture(size=(10 + number, 10))).status_code for number in range(6)]
    assert got == [200] * 5 + [429]
    refused = answer.show(picture())
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    elsewhere = answer.show(picture(), environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 200


def test_a_hundred_a_minute_on_one_site_which_strangers_do_not_use_up(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaned = clean(picture())
    monkeypatch.setattr(screenshots, "clean", lambda data: cleaned)

    def send(number: int, **options: Any) -> int:
        address = {"REMOTE_ADDR": f"203.0.113.{number}"}
        return int(answer.show(picture(), environ_overrides=address, **options).status_code)

    assert {send(number, id=press_id()) for number in range(120)} == {403}
    got = [send(number) for number in range(screenshots.MAX_PER_SITE_PER_MINUTE + 1)]
    assert got == [200] * screenshots.MAX_PER_SITE_PER_MINUTE + [429]


def test_too_many_at_once_must_retry_later(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decode one at a time, because each needs much memory."""
    monkeypatch.setattr("widget_server.ratings.images.WAIT_SECONDS", 0.01)
    with images.take_turn():
        refused = answer.show(picture())
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")


# Serving


def check_sealed(response: Any) -> None:
    """Assert that browsers treat the response as nothing but an image."""
    assert response.status_code == 200
    assert response.content_type == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"] == 'attachment; filename="screenshot.webp"'
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert decode(response.data).format == "WEBP"


def test_it_is_sealed_wherever_it_is_served(
    api: Api, answer: Answer, console: Console, stranger: Console, site: MadeSite, make: Make, app: Flask
) -> None:
    answer.show(picture())
    (row,) = rows(app, "screenshot")
    other = make.site(name="Other")
    check_sealed(api.get(f"/votes/{answer.vote}/screenshot"))
    response = console.get(f"{site.key}/screenshots/{row.name}")
    check_sealed(response)
    again = console.get(f"{site.key}/screenshots/{row.name}", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert stranger.get(f"{site.key}/screenshots/{row.name}").status_code == 401
    assert console.get(f"{other.key}/screenshots/{row.name}").status_code == 404
    assert make.back_end(other).get(f"/votes/{answer.vote}/screenshot").status_code == 404
    assert answer.page.client.get(f"/api/v1/votes/{answer.vote}/screenshot").status_code == 401
    assert answer.call("GET").status_code == 405, "the page itself cannot read it back"
    answer.call("DELETE")
    assert console.get(f"{site.key}/screenshots/{row.name}").status_code == 404


NO_NAMES = ["..", "%2e%2e", "%2e%2e%2f%2e%2e%2fsecret", "..%5c..%5csecret", ".htaccess", "a%00b", "%e2%80%8b", "%ff"]


@ON_BOTH
def test_a_name_is_looked_up_and_never_a_path(
    answer: Answer, console: Console, site: MadeSite, subtests: pytest.Subtests
) -> None:
    answer.show(picture())
    for name in (*NO_NAMES, "x" * 5_000):
        with subtests.test(name=name):
            got = console.get(f"{site.key}/screenshots/{name}")
            assert got.status_code in (303, 404) and got.content_type.startswith("text/html")


def test_readers_screenshots_appear_under_their_article(
    api: Api, answers: Answers, console: Console, site: MadeSite, app: Flask
) -> None:
    answer = answers("/a", 3)
    answer.show(picture(size=(300, 200)))
    (row,) = rows(app, "screenshot")
    image = console.read(f"{site.key}/articles").one("img")
    assert image.attributes["src"] == f"/console/{site.key}/screenshots/{row.name}"
    assert (image.attributes["width"], image.attributes["height"]) == ("300", "200")
    (comment,) = api.get("/subjects").get_json()["subjects"][0]["comments"]
    assert (comment["vote"], comment["comment"]) == (answer.vote, None)
    assert comment["screenshot_url"].endswith(f"/votes/{answer.vote}/screenshot")
