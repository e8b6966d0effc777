"""Every decision is written down: who was asked, why not, what became of it, and what was true at that moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..back_end import Api
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, MadeSurvey
from ..frozen_clock import SetClock

Talks = Callable[..., Talk]


def reasons(talk: Talk) -> list[str | None]:
    return [row["reason"] for row in talk.ledger()]


def ended(talk: Talk) -> Any:
    """The page's end, whose reason the back end's decision and the ledger must repeat."""
    answer = done(talk.page.end(talk.id))
    again = talk.end()
    assert (again["asked"], again["reason"]) == (answer["asked"], answer.get("reason"))
    assert reasons(talk)[-1] == answer.get("reason")
    assert talk.segments()[-1]["reason"] == answer.get("reason")
    return answer


def no_survey(talk: Talk) -> None:
    survey = done(talk.api.get("/surveys"))["surveys"][0]
    done(talk.api.patch(f"/surveys/{survey['id']}", {"closed": True}))
    talk.chat()


def no_visitor_message(talk: Talk) -> None:
    talk.say("agent", "Anybody there?")
    talk.say("system", "left")


def no_person_answered(talk: Talk) -> None:
    talk.say("visitor")
    talk.say("bot", "Let me look that up")


def unknown(talk: Talk) -> None:
    """No message ever came, and the site asks only those it knows of."""
    done(talk.api.patch("/site", {"ask_when_unknown": False}))


def enough(talk: Talk) -> None:
    talk.chat()


def nothing_known(talk: Talk) -> None:
    """By default the unknown is asked."""


def a_call(talk: Talk) -> None:
    talk.tell(channel="phone")
    talk.say("system", "rang")


def departed_from(talk: Talk) -> None:
    done(talk.api.patch("/site", {"rules": {"chat": {"visitor_messages": 2}}}))
    talk.chat()


CASES: dict[Callable[[Talk], None], str | None] = {
    no_survey: "no_survey",
    no_visitor_message: "no_visitor_message",
    no_person_answered: "no_person_answered",
    unknown: "unknown",
    departed_from: "no_visitor_message",
    enough: None,
    nothing_known: None,
    a_call: None,
}


@pytest.mark.parametrize("prepare", CASES)
def test_the_reason_is_the_same_for_page_back_end_and_ledger(talk: Talk, prepare: Callable[[Talk], None]) -> None:
    prepare(talk)
    answer = ended(talk)
    assert answer["asked"] is (CASES[prepare] is None)
    assert answer.get("reason") == CASES[prepare]


def test_closed_by_hand(talk: Talk) -> None:
    talk.chat().end(ask=False)
    assert ended(talk)["reason"] == "manual"


@ON_BOTH
def test_a_mail_is_not_asked_about_twice_in_two_weeks(talks: Talks, clock: SetClock) -> None:
    first = talks(visitor="ann", channel="email").chat()
    token = first.ask()
    second = talks(visitor="ann", channel="email").chat()
    assert ended(second)["asked"], "asked is not yet seen"
    assert first.page.post("seen", {"token": token}).status_code == 204
    clock.forward(days=13, hours=23)
    assert ended(talks(visitor="ann", channel="email").chat())["reason"] == "asked_recently"
    assert ended(talks(visitor="bob", channel="email").chat())["asked"]
    assert ended(talks(visitor="ann").chat())["asked"], "chats have no such rule"
    clock.forward(hours=1)
    assert ended(talks(visitor="ann", channel="email").chat())["asked"]


@ON_BOTH
def test_what_became_of_a_question(talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    marks: list[tuple[str, str]] = [
        ("seen", "shown"),
        ("seen", "shown"),
        ("dismissed", "dismissed"),
        ("seen", "dismissed"),
    ]
    for mark, status in marks:
        clock.forward(seconds=10)
        assert talk.page.post(mark, {"token": token}).status_code == 204
        assert talk.statuses() == [status]
    clock.forward(seconds=10)
    talk.vote(token)
    for mark in ("seen", "dismissed"):
        assert talk.page.post(mark, {"token": token}).status_code == 204
    row = talk.ledger()[0]
    seconds = [row[name][17:19] for name in ("decided_at", "shown_at", "dismissed_at", "voted_at")]
    assert (row["status"], seconds) == ("voted", ["00", "10", "30", "50"])


@ON_BOTH
def test_the_context_is_frozen_when_asking(talk: Talk, api: Api, survey: MadeSurvey, clock: SetClock) -> None:
    for name in ("anna", "bo", "cy"):
        done(api.put(f"/agents/{name}", {"name": name.title(), "team": "First"}))
    fields = {"title": "Late parcel", "customer_reference": "A-17", "team": "First", "language": "da", "page": "/help"}
    talk.tell(**fields, custom_fields={"plan": "gold"}, visitor="ann", touchpoint="app", case_type="delivery")
    talk.say("visitor")
    talk.say("agent", agent="bo")
    clock.forward(seconds=1)
    talk.say("agent", agent="anna")
    talk.end(closer="cy")
    before = talk.ledger()[0]
    frozen = before["context"]
    assert {name: frozen[name] for name in fields} == fields
    assert (frozen["visitor"], frozen["custom_fields"]) == ("ann", {"plan": "gold"})
    assert [(agent["name"], agent["team"]) for agent in frozen["agents"]] == [
        (n, "First") for n in ("Bo", "Anna", "Cy")
    ]
    assert frozen["closer"] == frozen["agents"][2]["id"]
    assert before["revision"] == str(survey.revision)

    talk.tell(title="Other", team="Second", custom_fields={}, visitor="bob", language="en")
    done(api.put("/agents/bo", {"name": "Bodil", "team": "Second"}))
    talk.say("agent", "Late", agent="cy", sent_at=clock.now())
    done(api.post(f"/surveys/{survey.id}/revisions", {"look": "words"}), 201)
    talk.vote(talk.ask())
    after = talk.ledger()[0]
    assert (after["context"], after["revision"]) == (frozen, before["revision"])
    assert talk.segments()[0]["agents"] == ["Bo", "Anna", "Cy"]


def test_another_site_reads_nothing_of_the_ledger(talk: Talk, make: Any, site: MadeSite) -> None:
    talk.chat().end()
    stranger = make.back_end(make.site())
    for path in (talk.path, f"{talk.path}/invitations"):
        missing = stranger.get("/conversations/none" + path.removeprefix(talk.path))
        foreign = stranger.get(path)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.data == missing.data
