"""The ledger of decisions: their statuses, their reasons and the frozen context."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
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


def end_and_compare(talk: Talk) -> Any:
    """End the conversation as the page, and compare its reason with the back end's decision and the ledger."""
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
    talk.say("agent", "Are you there?")
    talk.say("system", "left")


def no_person_answered(talk: Talk) -> None:
    talk.say("visitor")
    talk.say("bot", "Let me look that up")


def unknown(talk: Talk) -> None:
    """Send no message on a site that does not ask when facts are unknown."""
    done(talk.api.patch("/site", {"ask_when_unknown": False}))


def enough(talk: Talk) -> None:
    talk.chat()


def nothing_known(talk: Talk) -> None:
    """Send no message: by default the site asks when facts are unknown."""


def a_call(talk: Talk) -> None:
    talk.tell(channel="phone")
    talk.say("system", "rang")


def with_overrides(talk: Talk) -> None:
    done(talk.api.patch("/site", {"rules": {"chat": {"visitor_messages": 2}}}))
    talk.chat()


CASES: dict[Callable[[Talk], None], str | None] = {
    no_survey: "no_survey",
    no_visitor_message: "no_visitor_message",
    no_person_answered: "no_person_answered",
    unknown: "unknown",
    with_overrides: "no_visitor_message",
    enough: None,
    nothing_known: None,
    a_call: None,
}


@pytest.mark.parametrize("prepare", CASES)
def test_page_back_end_and_ledger_have_the_same_reason(talk: Talk, prepare: Callable[[Talk], None]) -> None:
    prepare(talk)
    answer = end_and_compare(talk)
    assert answer["asked"] is (CASES[prepare] is None)
    assert answer.get("reason") == CASES[prepare]


def test_a_conversation_is_closed_without_asking(talk: Talk) -> None:
    talk.chat().end(ask=False)
    assert end_and_compare(talk)["reason"] == "manual"


@ON_BOTH
def test_an_email_visitor_is_asked_once_in_two_weeks(talks: Talks, clock: SetClock) -> None:
    first = talks(visitor="ann", channel="email").chat()
    token = first.ask()
    second = talks(visitor="ann", channel="email").chat()
    assert end_and_compare(second)["asked"], "the cooldown starts when the survey is shown"
    assert first.page.post("seen", {"token": token}).status_code == 204
    clock.forward(days=13, hours=23)
    assert end_and_compare(talks(visitor="ann", channel="email").chat())["reason"] == "asked_recently"
    assert end_and_compare(talks(visitor="bob", channel="email").chat())["asked"]
    assert end_and_compare(talks(visitor="ann").chat())["asked"], "chats have no cooldown"
    clock.forward(hours=1)
    assert end_and_compare(talks(visitor="ann", channel="email").chat())["asked"]


@ON_BOTH
def test_the_statuses_of_an_invitation(talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    reports: list[tuple[str, str]] = [
        ("seen", "shown"),
        ("seen", "shown"),
        ("dismissed", "dismissed"),
        ("seen", "dismissed"),
    ]
    for report, status in reports:
        clock.forward(seconds=10)
        assert talk.page.post(report, {"token": token}).status_code == 204
        assert talk.statuses() == [status]
    clock.forward(seconds=10)
    talk.vote(token)
    for report in ("seen", "dismissed"):
        assert talk.page.post(report, {"token": token}).status_code == 204
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
    clock.forward(seconds=5)
    talk.end(closer="cy")
    before = talk.ledger()[0]
    context = before["context"]
    assert {name: context[name] for name in fields} == fields
    assert (context["visitor"], context["custom_fields"]) == ("ann", {"plan": "gold"})
    assert [(agent["name"], agent["team"]) for agent in context["agents"]] == [
        (n, "First") for n in ("Bo", "Anna", "Cy")
    ]
    assert context["closer"] == context["agents"][2]["id"]
    assert before["revision"] == str(survey.revision)

    talk.tell(title="Other", team="Second", custom_fields={}, visitor="bob", language="en")
    done(api.put("/agents/bo", {"name": "Bodil", "team": "Second"}))
    talk.say("agent", "Late", agent="cy", sent_at=clock.now() - timedelta(seconds=2))
    done(api.post(f"/surveys/{survey.id}/revisions", {"look": "words"}), 201)
    talk.vote(talk.ask())
    after = talk.ledger()[0]
    assert (after["context"], after["revision"]) == (context, before["revision"])
    assert talk.segments()[0]["agents"] == ["Bo", "Anna", "Cy"]


def test_another_site_reads_nothing_of_the_ledger(talk: Talk, make: Any, site: MadeSite) -> None:
    talk.chat().end()
    other_back_end = make.back_end(make.site())
    for path in (talk.path, f"{talk.path}/invitations"):
        missing = other_back_end.get("/conversations/none" + path.removeprefix(talk.path))
        foreign = other_back_end.get(path)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.data == missing.data
