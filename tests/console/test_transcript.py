"""The transcript: every state of a part stands under its own last message, in words."""

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

#: An id of the right form that nothing has.
MISSING = "01a20000-0000-7000-8000-00000000abcd"


def opened(desk: Desk, talk: Talk) -> str:
    return str(talk.read()["id"])


def order(page: Element) -> list[str]:
    """What stands in the transcript from top to bottom."""
    return [element.text for element in page.one("div", data_keyed="messages").children if isinstance(element, Element)]


@ON_BOTH
def test_a_rating_stands_under_the_last_message_of_its_own_part(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.say("visitor", "Where is my parcel?")
    talk.say("agent", "It comes tomorrow.")
    talk.vote(talk.ask(), 3)
    clock.forward(days=2)
    talk.say("visitor", "Still nothing.")
    talk.say("visitor", "Hello?")
    talk.say("agent", "Sorry!")
    talk.vote(talk.ask(), 1, comment="Nobody told me.")

    shown = order(desk.transcript(opened(desk, talk)))

    assert shown[0] == "Tuesday 3 March"
    assert shown[1].startswith("Where is my parcel?")
    assert shown[2].startswith("It comes tomorrow.")
    assert shown[3] == "Good 3 Mar, 10:00 · confirmed by Shop"
    assert shown[4] == "Opened again, Thursday 5 March"
    assert [line.split(" ")[0] for line in shown[5:8]] == ["Still", "Hello?", "Sorry!"]
    assert shown[8] == "Bad 10:00 · confirmed by Shop Nobody told me."


@ON_BOTH
def test_a_message_told_late_does_not_move_a_rating_that_is_given(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    token = talk.ask()
    talk.vote(token, 3)
    talk.say("agent", "Told late", sent_at=clock.now() - timedelta(seconds=1))
    shown = order(desk.transcript(opened(desk, talk)))
    assert "Told late" in shown[1]
    assert shown[-1].startswith("Good")


def test_before_an_answer_the_same_place_says_that_it_is_awaited(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    going_on = desk.band(opened(desk, talk))
    assert (going_on["data-state"], going_on.text) == ("open", "Going on the answer will stand here")
    clock.forward(minutes=4)
    token = talk.ask()
    assert desk.band(opened(desk, talk)).text == "Asked 10:04, no answer yet not shown yet"
    clock.forward(minutes=1)
    talk.page.post("seen", {"token": token})
    assert desk.band(opened(desk, talk)).text == "Asked 10:04, no answer yet shown 10:05"
    clock.forward(minutes=1)
    talk.page.post("dismissed", {"token": token})
    assert desk.band(opened(desk, talk)).text.startswith("Asked 10:04, put away 10:06")
    clock.forward(minutes=1)
    talk.vote(token, 2)
    assert desk.band(opened(desk, talk)).text == "OK 10:07 · confirmed by Shop"


def test_why_nobody_was_asked_is_said_in_words(talk: Talk, desk: Desk) -> None:
    talk.say("visitor", "Anybody?")
    talk.end()
    page = desk.transcript(opened(desk, talk))
    assert page.one("section", klass="band").text == "Not asked: no person answered"
    assert "Why no person answered" in page.one("aside").text


def test_a_question_is_withdrawn_when_the_chat_goes_on(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    talk.ask()
    clock.forward(minutes=30)
    talk.chat()
    talk.ask()
    first, second = desk.bands(opened(desk, talk))
    assert first.text == "Withdrawn 10:30: the chat went on before an answer came"
    assert second["data-state"] == "waiting"


def test_an_unanswered_question_expires(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    talk.ask()
    clock.forward(days=15)
    desk.console.sign_in()
    assert desk.band(opened(desk, talk)).text == "No answer asked 3 Mar, 10:00, open until 17 Mar, 10:00"


def test_a_correction_is_one_quiet_line_with_its_history(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    token, press = talk.ask(), press_id()
    talk.vote(token, 1, id=press, rev=1, comment="Slow")
    clock.forward(minutes=2)
    talk.vote(token, 3, id=press, rev=2, comment="Solved in the end")

    band = desk.band(opened(desk, talk))

    assert band.one("p", klass="correction").text == "Bad to Good after 2 min Recovered"
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


def test_reasons_and_answers_stand_under_the_face_in_words(
    make: Make, site: MadeSite, talk: Talk, desk: Desk, clock: SetClock
) -> None:
    """Saves of follow-up questions are no entries of the history, and what a visitor wrote is text."""
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
    assert [given.text for given in band.one("dl").all("div")] == [
        "How hard was it? 4 of 5",
        "What did you look for? <b>the size</b>",
        "To be contacted ann@example.org",
    ]
    assert not list(band.all("details"))


def test_what_somebody_took_back_is_not_shown_again(talk: Talk, desk: Desk, clock: SetClock) -> None:
    talk.chat()
    token, press = talk.ask(), press_id()
    talk.vote(token, 1, id=press, rev=1, comment="Terrible person")
    clock.forward(minutes=1)
    talk.vote(token, None, id=press, rev=2)

    page = desk.transcript(opened(desk, talk))
    assert page.one("section", klass="band").text == "The visitor took the answer back 10:01"
    assert "Terrible" not in page.text

    clock.forward(minutes=1)
    talk.vote(token, 3, id=press, rev=3)
    page = desk.transcript(opened(desk, talk))
    assert page.one("section", klass="band").text == "Good 10:02 · confirmed by Shop"
    assert "Terrible" not in page.text


def test_what_only_a_page_claims_is_marked(page: Page, desk: Desk) -> None:
    token = done(page.end("4711"))["token"]
    done(page.vote(token, 3))
    [row] = desk.rows()
    assert row.text.startswith("Chat from a page")
    assert "Good · not signed" in row.text
    shown = desk.transcript(row["data-id"])
    assert "only the page says that it happened" in shown.one("p", klass="sub").text
    assert "What was said is not known here." in shown.text
    assert shown.one("section", klass="band").text.endswith("not signed")


def test_a_signed_answer_names_who_signed(make: Make, site: MadeSite, talks: Talks, desk: Desk) -> None:
    talk = talks(visitor="ann").chat()
    token = talk.ask()
    talk.vote(token, 3)
    assert "confirmed by Shop" in desk.band(opened(desk, talk)).text


def test_what_people_wrote_is_text_and_never_markup(talks: Talks, desk: Desk) -> None:
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
    named = talks(language="ar").chat()
    unnamed, plain = talks(), talks()
    unnamed.say("visitor", "73 - مرحبا")
    plain.say("visitor", "12 hello")
    ways = [
        desk.transcript(opened(desk, one)).one("div", data_keyed="messages")["dir"] for one in (named, unnamed, plain)
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


def test_credit_is_what_was_frozen_when_asking(talk: Talk, make: Make, site: MadeSite, desk: Desk) -> None:
    make.agent(site, "nora", "Nora")
    make.agent(site, "emil", "Emil")
    talk.say("visitor")
    talk.say("agent", agent="nora")
    talk.say("agent", agent="emil")
    talk.vote(talk.ask(), 3)
    make.agent(site, "nora", "Somebody else")
    side = desk.transcript(opened(desk, talk)).one("aside").text
    assert "Shared by Nora, Emil" in side


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
    shown = desk.console.get(f"{desk.site.key}/conversations/{opened(desk, talk)}").text
    for secret in (token, press, tokens.digest(press), talk.page.browser, tokens.digest(talk.page.browser)):
        assert secret not in shown
