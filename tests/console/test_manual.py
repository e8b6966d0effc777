"""Survey actions at the end of a transcript: ask now, or close without asking."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.talk import Talk, done
from tests.databases import ON_BOTH
from tests.factories import MadeSurvey

from .conftest import Desk
from .html import Element

Talks = Callable[..., Talk]
FOREIGN = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def talk(survey: MadeSurvey, talks: Talks) -> Talk:
    started = talks(title="Order 17", visitor="eve")
    started.say("visitor")
    return started


def forms(desk: Desk, talk: Talk) -> dict[str, Element]:
    """Return the forms by the text of their button."""
    page = desk.transcript(talk.read()["id"])
    manual_forms = [form for bar in page.all("div", klass="manual") for form in bar.all("form")]
    return {form.one("button").text: form for form in manual_forms}


@ON_BOTH
def test_an_open_chat_is_asked(desk: Desk, talk: Talk) -> None:
    offered = forms(desk, talk)
    assert set(offered) == {"Ask now", "Close"}
    assert desk.send(offered["Ask now"]).status_code == 303
    assert talk.statuses() == ["asked"]
    assert talk.ledger()[0]["source"] == "agent"
    assert forms(desk, talk) == {}


def test_a_form_returns_to_the_filtered_list(desk: Desk, talk: Talk) -> None:
    conversation = talk.read()["id"]
    bar = desk.transcript(conversation, status="waiting", tag="parcel").one("div", klass="manual")
    for form in bar.all("form"):
        assert form["action"].endswith("?status=waiting&tag=parcel")
    answer = desk.send(next(bar.all("form")))
    assert answer.location == f"/console/{desk.site.key}/conversations/{conversation}?status=waiting&tag=parcel"


@ON_BOTH
def test_it_is_closed_without_asking_and_asked_later(desk: Desk, talk: Talk) -> None:
    assert desk.send(forms(desk, talk)["Close"], note="  <b>a duplicate</b>\n ").status_code == 303
    assert talk.ledger()[0]["reason_text"] == "closed without asking: <b>a duplicate</b>"
    assert "Not asked: closed without asking: <b>a duplicate</b>" in desk.band(talk.read()["id"]).text
    offered = forms(desk, talk)
    assert set(offered) == {"Ask now"}
    assert desk.send(offered["Ask now"]).status_code == 303
    assert talk.statuses() == ["not_asked", "asked"]


def test_the_reason_is_optional(desk: Desk, talk: Talk) -> None:
    assert desk.send(forms(desk, talk)["Close"], note=" ").status_code == 303
    assert talk.ledger()[0]["reason_text"] == "closed without asking"


def test_nothing_happens_without_the_pages_own_form(desk: Desk, talk: Talk) -> None:
    for name, form in forms(desk, talk).items():
        assert desk.console.client.post(form["action"], data={}).status_code == 403
        assert desk.send(form, headers=FOREIGN).status_code == 403
        assert desk.console.client.get(form["action"]).status_code in (404, 405), name
    assert desk.send(forms(desk, talk)["Close"], note="x" * 201).status_code == 422
    assert talk.segments()[0]["ended_at"] is None


def test_another_sites_conversation_is_not_there(desk: Desk, talk: Talk, talks: Talks) -> None:
    form = forms(desk, talk)["Ask now"]
    form.attributes["action"] = form["action"].replace(talk.read()["id"], "0197c7a0-0000-7000-8000-000000000000")
    assert desk.send(form).status_code == 404
    form.attributes["action"] = form["action"].replace("0197c7a0-0000-7000-8000-000000000000", "nonsense")
    assert desk.send(form).status_code == 404


def test_an_erased_visitor_is_not_asked(desk: Desk, talk: Talk) -> None:
    form, address = forms(desk, talk)["Ask now"], talk.read()["id"]
    done(talk.api.post("/visitors/eve/erase"))
    refused = desk.send(form)
    assert refused.status_code == 409
    assert "erased" in refused.get_data(as_text=True)
    assert list(desk.transcript(address).all("div", klass="manual")) == []
