"""Erase the words of a rating in the console, and see that they were erased."""

from __future__ import annotations

from collections.abc import Callable

from tests.back_end import Api
from tests.conversations.talk import Talk, done
from tests.widget.conftest import Page

from .conftest import Desk
from .html import Element
from .test_manual import FOREIGN

Talks = Callable[..., Talk]
COMMENT = "Call 555-0199"


def erasure_form_of(page: Element) -> list[Element]:
    forms = [form for form in page.all("form") if "action" in form.attributes]
    return [form for form in forms if form["action"].split("?")[0].endswith("/erase_words")]


def test_the_words_of_a_chats_rating_are_erased(desk: Desk, talks: Talks, auditor: Api) -> None:
    talk = talks(title="Order 17")
    talk.chat().vote(talk.ask(), 1, comment=COMMENT)
    conversation = talk.read()["id"]
    (form,) = erasure_form_of(desk.transcript(conversation))
    assert desk.send(form, headers=FOREIGN).status_code == 403
    assert desk.console.client.post(form["action"], data={}).status_code == 403
    assert COMMENT in desk.band(conversation).text
    assert desk.send(form).status_code == 303
    assert "Words erased" in desk.band(conversation).text
    assert COMMENT not in desk.transcript(conversation).text
    assert erasure_form_of(desk.transcript(conversation)) == [], "nothing is left to erase"
    assert [entry["actor"] for entry in done(auditor.get("/audit?group=vote"))["entries"]] == ["Owner link"]


def test_the_words_of_an_articles_rating_are_erased(desk: Desk, article_page: Page, talks: Talks) -> None:
    vote = done(article_page.vote({"kind": "article", "subject": "/a"}, 1, comment=COMMENT))["vote"]
    page = desk.console.read(f"{desk.site.key}/articles")
    assert COMMENT in page.text
    (form,) = erasure_form_of(page)
    assert vote in form["action"]
    assert desk.send(form).status_code == 303
    assert COMMENT not in desk.console.read(f"{desk.site.key}/articles").text
    assert done(talks().api.get(f"/votes/{vote}"))["answer"]["score"] == 1


def test_only_under_its_own_conversation(desk: Desk, talks: Talks) -> None:
    talk, other = talks(), talks().read()["id"]
    talk.chat().vote(talk.ask(), 1, comment=COMMENT)
    (form,) = erasure_form_of(desk.transcript(talk.read()["id"]))
    form.attributes["action"] = form["action"].replace(talk.read()["id"], other)
    assert desk.send(form).status_code == 404
    assert talk.segments()[0]["rating"]["comment"] == COMMENT
