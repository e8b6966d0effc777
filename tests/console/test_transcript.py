"""The transcript: the status of each segment is under its last message, in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.back_end import Api, done
from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.surveys.sample_questions import SAMPLE_QUESTIONS
from tests.widget.conftest import Page, press_id
from widget_server.core import tokens

from .conftest import Desk
from .html import Element

Talks = Callable[..., Talk]

#: A well-formed id that no conversation has.
MISSING = "01a20000-0000-7000-8000-00000000abcd"


def opened(desk: Desk, talk: Talk) -> str:
    return str(talk.read()["id"])


def order(page: Element) -> list[str]:
    """Return the texts of the transcript from top to bottom."""
    return [element.text for element in page.one("div", data_keyed="messages").children if isinstance(element, Element)]


@ON_BOTH
def test_a_rating_is_under_the_last_message_of_its_segment(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.say("visitor", "Where is my parcel?")
    talk.say("agent", "It comes tomorrow.")
    talk.vote(talk.ask(), 3)
    clock.forward(days=2)
    talk.say("visitor", "Still nothing.")
    talk.say("visitor", "Hello?")
    talk.say("agent", "Sorry!")
    talk.vote(talk.ask(), 1, comment="Nobody told me.")

    texts = order(desk.transcript(opened(desk, talk)))

    assert texts[0] == "Tuesday 3 March"
    assert texts[1].startswith("Where is my parcel?")
    assert texts[2].startswith("It comes tomorrow.")
    assert texts[3] == "Good 3 Mar, 10:00 · confirmed by Shop"
    assert texts[4] == "Reopened Thursday 5 March"
    assert [line.split(" ")[0] for line in texts[5:8]] == ["Still", "Hello?", "Sorry!"]
    assert texts[8] == "Bad 10:00 · confirmed by Shop Nobody told me."


@ON_BOTH
def test_a_late_message_does_not_move_a_rating(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    token = talk.ask()
    talk.vote(token, 3)
    talk.say("agent", "Sent late", sent_at=clock.now() - timedelta(seconds=2))
    texts = order(desk.transcript(opened(desk, talk)))
    assert "Sent late" in texts[1]
    assert texts[-1].startswith("Good")


def test_before_a_rating_its_place_shows_the_status(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    going_on = desk.band(opened(desk, talk))
    assert (going_on["data-state"], going_on.text) == ("open", "Open the rating will appear here")
    clock.forward(minutes=4)
    token = talk.ask()
    assert desk.band(opened(desk, talk)).text == "Asked 10:04, no answer yet not shown yet"
    clock.forward(minutes=1)
    talk.page.post("seen", {"token": token})
    assert desk.band(opened(desk, talk)).text == "Asked 10:04, no answer yet shown 10:05"
    clock.forward(minutes=1)
    talk.page.post("dismissed", {"token": token})
    assert desk.band(opened(desk, talk)).text.startswith("Asked 10:04, dismissed 10:06")
    clock.forward(minutes=1)
    talk.vote(token, 2)
    assert desk.band(opened(desk, talk)).text == "OK 10:07 · confirmed by Shop"


def test_the_reason_for_not_asking_is_shown(talk: Talk, desk: Desk) -> None:
    talk.say("visitor", "Anybody?")
    talk.end()
    page = desk.transcript(opened(desk, talk))
    assert page.one("section", klass="band").text == "Not asked: no person answered"
    details = page.one("aside").text
    assert "Reason no person answered" in details
    assert "Send the messages of agents to the API, or set person_replies to 0 in the rules." in details


def test_a_question_that_no_page_showed_says_what_to_check(talk: Talk, desk: Desk) -> None:
    talk.chat()
    token = talk.ask()
    assert "Check that page, or send the survey link." in desk.transcript(opened(desk, talk)).one("aside").text
    talk.page.post("seen", {"token": token})
    assert "Check that page" not in desk.transcript(opened(desk, talk)).one("aside").text


def test_a_question_is_withdrawn_when_the_chat_continues(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    talk.ask()
    clock.forward(minutes=30)
    talk.chat()
    talk.ask()
    first, second = desk.bands(opened(desk, talk))
    assert first.text == "Withdrawn 10:30: chat continued before an answer"
    assert second["data-state"] == "waiting"


def test_an_unanswered_question_expires(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    talk.ask()
    clock.forward(days=15)
    desk.console.sign_in()
    assert desk.band(opened(desk, talk)).text == "No answer in time asked 3 Mar, 10:00, expired 17 Mar, 10:00"


def test_a_correction_is_one_quiet_line_with_its_history(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    token, press = talk.ask(), press_id()
    talk.vote(token, 1, id=press, rev=1, comment="Slow")
    clock.forward(minutes=2)
    talk.vote(token, 3, id=press, rev=2, comment="Solved in the end")

    band = desk.band(opened(desk, talk))

    assert band.one("p", klass="correction").text == "Changed from Bad to Good after 2 min Recovered"
    assert [line.text for line in band.one("details").all("li")] == [
        "Bad 10:00 Slow",
        "Good 10:02 · recovered Solved in the end",
    ]
    assert "open" not in band.one("details").attributes
    assert "positive" in band["class"]


def test_a_comment_added_later_is_no_correction_and_no_new_press(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    token, press = talk.ask(), press_id()
    talk.vote(token, 3, id=press, rev=1)
    clock.forward(minutes=3)
    talk.vote(token, 3, id=press, rev=2, comment="Kind")
    band = desk.band(opened(desk, talk))
    assert band.text.startswith("Good 10:00 · confirmed by Shop Kind")
    assert not list(band.all("p", klass="correction"))


def test_reasons_and_follow_up_answers_are_under_the_rating(
    make: Make, site: MadeSite, talk: Talk, desk: Desk, clock: SetClock
) -> None:
    """Check that follow-up answers add nothing to the history, and that a visitor's markup is text."""
    talk.page = dataclasses.replace(talk.page, revision=str(make.survey(site, **SAMPLE_QUESTIONS).revision))
    talk.chat()
    token, press = talk.ask(), press_id()
    talk.vote(token, 1, id=press)
    talk.vote(token, 1, id=press, rev=2, reasons=["unclear", "old"])
    answers = {"effort": 4, "wish": "<b>the size</b>", "call": "ann@example.org"}
    talk.vote(token, 1, id=press, rev=3, reasons=["unclear", "old"], answers=answers)
    page = opened(desk, talk)
    band = desk.band(page)
    assert band.text.startswith("Bad · Out of date · Hard to understand 10:00")
    assert [item.text for item in band.one("dl").all("div")] == [
        "How hard was it? 4 of 5",
        "What did you look for? <b>the size</b>",
        "To be contacted ann@example.org",
    ]
    assert not list(band.all("details"))


def test_a_removed_rating_is_not_shown_again(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    token, press = talk.ask(), press_id()
    talk.vote(token, 1, id=press, rev=1, comment="Terrible person")
    clock.forward(minutes=1)
    talk.vote(token, None, id=press, rev=2)

    page = desk.transcript(opened(desk, talk))
    assert page.one("section", klass="band").text == "Rating removed by the visitor 10:01"
    assert "Terrible" not in page.text

    clock.forward(minutes=1)
    talk.vote(token, 3, id=press, rev=3)
    page = desk.transcript(opened(desk, talk))
    assert page.one("section", klass="band").text == "Good 10:02 · confirmed by Shop"
    assert "Terrible" not in page.text


def test_a_chat_that_only_the_page_reports_is_marked(page: Page, desk: Desk) -> None:
    token = done(page.end("4711"))["token"]
    done(page.vote(token, 3))
    [row] = desk.rows()
    assert row.text.startswith("Chat from a page")
    assert "Good · unverified" in row.text
    transcript = desk.transcript(row["data-id"])
    assert "reported by the page only" in transcript.one("p", klass="sub").text
    assert "No messages were sent to Tilfreds." in transcript.text
    assert transcript.one("section", klass="band").text.endswith("unverified")


def test_a_verified_rating_names_the_site(make: Make, site: MadeSite, talks: Talks, desk: Desk) -> None:
    talk = talks(visitor="ann").chat()
    token = talk.ask()
    talk.vote(token, 3)
    assert "confirmed by Shop" in desk.band(opened(desk, talk)).text


def test_texts_of_people_are_never_markup(talks: Talks, desk: Desk) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7*7 }}"
    talk = talks(title=evil, customer_reference=evil, custom_fields={"Plan": evil}, team=evil)
    talk.tell(page="/" + evil)
    talk.say("visitor", evil)
    talk.say("agent", evil)
    talk.vote(talk.ask(), 1, comment=evil)

    page = desk.transcript(opened(desk, talk))

    assert [script.attributes.get("src", "")[-10:] for script in page.all("script")] == ["console.js"]
    assert not list(page.all("img"))
    assert page.one("h1").text == evil
    assert page.one("section", klass="band").one("q").text == evil
    assert page.one("aside").text.count(evil) >= 3
    assert desk.titles() == [evil]


def test_a_conversation_in_arabic_reads_from_right_to_left(talks: Talks, desk: Desk) -> None:
    arabic = talks(language="ar").chat()
    unnamed, plain = talks(), talks()
    unnamed.say("visitor", "73 - مرحبا")
    plain.say("visitor", "12 hello")
    ways = [
        desk.transcript(opened(desk, one)).one("div", data_keyed="messages")["dir"] for one in (arabic, unnamed, plain)
    ]
    assert ways == ["rtl", "rtl", "ltr"]
    message = desk.transcript(opened(desk, unnamed)).one("div", klass="message")
    assert message.one("p")["dir"] == "auto"


def test_times_are_those_of_the_site(
    make: Make, desk: Desk, talks: Talks, api: Api, site: MadeSite, clock: SetClock
) -> None:
    done(api.patch("/site", {"time_zone": "Asia/Kolkata"}))
    talk = talks().chat()
    talk.vote(talk.ask(), 3)
    band = desk.band(opened(desk, talk))
    assert band.one("time").text == "15:30"
    assert band.one("time")["datetime"] == "2026-03-03T10:00:00+00:00"


def test_credit_is_frozen_when_the_visitor_is_asked(talk: Talk, make: Make, site: MadeSite, desk: Desk) -> None:
    make.agent(site, "nora", "Nora")
    make.agent(site, "emil", "Emil")
    talk.say("visitor")
    talk.say("agent", agent="nora")
    talk.say("agent", agent="emil")
    talk.vote(talk.ask(), 3)
    make.agent(site, "nora", "Another name")
    side = desk.transcript(opened(desk, talk)).one("aside").text
    assert "Shared by Nora (nora), Emil (emil)" in side


@ON_BOTH
def test_a_long_transcript_begins_with_its_newest_messages(talk: Talk, desk: Desk) -> None:
    for start in range(0, 450, 50):
        lines = [{"external_id": f"n{start + i}", "author": "visitor", "text": f"line {start + i}"} for i in range(50)]
        done(talk.api.post(f"{talk.path}/messages", {"messages": lines}))
    conversation = opened(desk, talk)
    page = desk.transcript(conversation)
    assert len(list(page.all("div", klass="message"))) == 400
    assert "line 449" in page.text
    assert "line 49 " not in page.text
    assert len(list(desk.transcript(conversation, messages="all").all("div", klass="message"))) == 450


@ON_BOTH
def test_a_conversation_that_is_not_there(desk: Desk, subtests: pytest.Subtests) -> None:
    for id in (MISSING, "x", "..", "%00", MISSING.upper()):
        with subtests.test(id=id):
            page = desk.console.read(f"{desk.site.key}/conversations/{id}", 404)
            assert page.one("h1").text == "Not found"


def test_another_sites_conversation_is_answered_as_a_missing_one(talk: Talk, desk: Desk, make: Make) -> None:
    other = make.site(name="Other")
    foreign = desk.console.get(f"{other.key}/conversations/{opened(desk, talk)}")
    missing = desk.console.get(f"{other.key}/conversations/{uuid4()}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.get_data() == missing.get_data()
    for query in ("fragment=transcript", "messages=all"):
        assert desk.console.get(f"{other.key}/conversations/{opened(desk, talk)}?{query}").status_code == 404


def test_the_visitors_secrets_never_reach_the_page(talk: Talk, desk: Desk) -> None:
    talk.chat()
    token, press = talk.ask(), press_id()
    talk.vote(token, 1, id=press)
    page_text = desk.console.get(f"{desk.site.key}/conversations/{opened(desk, talk)}").text
    for secret in (token, press, tokens.digest(press), talk.page.browser, tokens.digest(talk.page.browser)):
        assert secret not in page_text
