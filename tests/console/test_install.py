"""The page "Install": its guides, what it switches on, and how it waits for the first page and rating."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.api.test_import import OLD_CHAT
from tests.back_end import Api, done
from tests.factories import ORIGIN, MadeSite
from tests.frozen_clock import SetClock
from tests.guides import guides as documented_guides
from tests.widget.conftest import Page
from widget_server.console.install.guides import chat_guides, paste_guides
from widget_server.settings.adapters import OPTIONS
from widget_server.sites.placement import LAYOUTS
from widget_server.widget.view_sums import sums_of

from .conftest import Console, Desk
from .html import Element


def install(desk: Desk, **query: str) -> Element:
    return desk.console.read(f"{desk.site.key}/install", query_string=query)


def steps(desk: Desk, **query: str) -> list[Element]:
    return list(install(desk, **query).one("ol", klass="install-state").all("li"))


def test_every_paste_guide_is_a_tab_with_this_address_and_key(
    desk: Desk, site: MadeSite, subtests: pytest.Subtests
) -> None:
    assert [guide.name for guide in paste_guides()] == list(documented_guides())
    tabs = list(install(desk).one("nav", aria_label="Guides").all("a"))
    assert [tab.text for tab in tabs] == list(documented_guides())
    for tab, (name, blocks) in zip(tabs, documented_guides().items(), strict=True):
        with subtests.test(name=name):
            (slug,) = parse_qs(urlsplit(tab["href"]).query)["guide"]
            page = install(desk, guide=slug)
            assert page.one("h2").text == name
            shown_blocks = ["".join(pre.pieces()) for pre in page.all("pre")]
            filled_blocks = [
                block.rstrip("\n").replace("https://HOST", "http://localhost").replace("SITE_KEY", site.key)
                for block in blocks
            ]
            assert shown_blocks == filled_blocks
            assert "](" not in page.one("section", klass="guide").text


def test_the_first_tab_has_the_two_lines(desk: Desk, site: MadeSite) -> None:
    lines = "".join(install(desk).one("pre").pieces())
    assert f'<script async src="http://localhost/w/{site.key}.js"></script>' in lines
    assert "<tilfreds-rating></tilfreds-rating>" in lines
    assert install(desk, guide="unknown").one("h2").text == "Plain HTML"


def test_every_adapter_is_a_tab_and_can_be_switched_on_and_off(desk: Desk, api: Api, subtests: pytest.Subtests) -> None:
    assert [guide.slug for guide in chat_guides()] == list(OPTIONS)
    for guide in chat_guides():
        with subtests.test(name=guide.slug):
            section = install(desk, chat=guide.slug).one("section", klass="guide")
            assert 'kind="conversation"' in "".join(next(section.all("pre")).pieces())
            forms = list(section.all("form"))
            assert len(forms) == (guide.slug != "dom")
            if forms:
                assert desk.send(forms[0], None, target="#after-chat").status_code == 303
                assert api.get("/site").get_json()["adapters"][guide.slug] == {"target": "#after-chat"}
                off = install(desk, chat=guide.slug).one("section", klass="guide").one("form")
                assert desk.send(off).status_code == 303
                assert api.get("/site").get_json()["adapters"] == {}


def test_a_layout_is_chosen_by_one_press_and_keeps_the_rest_of_the_placement(desk: Desk, api: Api) -> None:
    api.patch("/site", {"placement": {"popover": {}}})
    for guide in paste_guides():
        assert set(guide.layouts) <= set(LAYOUTS)
    form = install(desk, guide="mkdocs-material").one("section", klass="guide").one("form")
    assert desk.send(form, None, layout="mkdocs-material").status_code == 303
    placement = api.get("/site").get_json()["placement"]
    assert placement["layout"] == "mkdocs-material" and "popover" in placement
    assert "is on" in install(desk, guide="mkdocs-material").one("section", klass="guide").one("form").text
    assert desk.send(form, None, layout="unknown").status_code == 422


def test_the_page_waits_for_a_page_and_then_for_a_rating(
    app: Flask, desk: Desk, article_page: Page, clock: SetClock
) -> None:
    assert [step["data-state"] for step in steps(desk)] == ["waiting", "waiting"]

    article_page.post("seen", {"kind": "article", "subject": "/help/returns?order=7"})
    sums_of(app.extensions["tilfreds_engines"].write).write()
    clock.forward(seconds=4)
    contact, rating = steps(desk, fragment="figures")
    assert contact.one("p").text == f"Seen on {ORIGIN}/help/returns, 4 s ago"
    assert rating["data-state"] == "waiting"

    article_page.vote({"kind": "article", "subject": "/help/returns"}, score=3)
    _, rating = steps(desk)
    assert rating.one("b").text == "Good" and rating.one("p").text.startswith("First rating: Good")
    desk.console.read(rating.one("a")["href"].removeprefix("/console/"))


def test_the_first_rating_of_a_chat_leads_to_its_transcript(desk: Desk, page: Page) -> None:
    """A chat of another vendor is known only to the page, so it has no id of the back end."""
    decision = page.end(conversation=None).get_json()
    page.vote({"token": decision["token"]}, score=1)
    _, rating = steps(desk)
    assert rating.one("b").text == "Bad"
    desk.console.read(rating.one("a")["href"].removeprefix("/console/"))


def test_imported_ratings_are_not_the_first_one(desk: Desk, api: Api, article_page: Page) -> None:
    done(api.post("/import", {"conversations": [OLD_CHAT]}))
    _, rating = steps(desk)
    assert rating["data-state"] == "waiting"
    for score in (3, 1):
        article_page.vote({"kind": "article", "subject": f"/help/{score}"}, score=score)
    _, rating = steps(desk)
    assert rating.one("b").text == "Good"


def test_a_stranger_sees_no_lines(stranger: Console, site: MadeSite) -> None:
    assert stranger.get(f"{site.key}/install").status_code == 401
    assert stranger.client.post(f"/console/{site.key}/install/layout", data={"layout": "furo"}).status_code == 401
