"""How the answers to each agent go: the list of agents, and the trend of one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.console import formatting

from .conftest import Console, Desk
from .html import Element


@pytest.fixture
def answer(make: Make, site: MadeSite, talks: Any) -> Any:
    """`answer(ann=[3, 1])`: so many chats of each agent, and what their visitors thought."""

    def give(**scores: list[int]) -> None:
        for agent, given in scores.items():
            make.agent(site, agent, agent.title())
            for score in given:
                talk = talks()
                talk.say("visitor")
                talk.say("agent", agent=agent)
                talk.vote(talk.ask(), score)

    return give


def figures(desk: Desk, path: str = "agents", **query: str) -> dict[str, str]:
    """What stands beside each heading of the page."""
    page = desk.console.read(f"{desk.site.key}/{path}", query_string=query)
    return {one.one("h2").text: one.text for one in page.all("section", klass="figure")}


def trend_of(desk: Desk, name: str) -> str:
    """The path of an agent's page, as the list leads there."""
    page = desk.console.read(f"{desk.site.key}/agents")
    (link,) = (link for link in page.all("a") if link.text == name)
    return link["href"].partition(f"{desk.site.key}/")[2]


@ON_BOTH
def test_each_agent_has_the_answers_they_are_credited_with_by_name(desk: Desk, answer: Any) -> None:
    answer(zoe=[3, 3, 3, 2, 1], ann=[1], moe=[])
    shown = figures(desk)
    assert list(shown) == ["Ann", "Moe", "Zoe"]
    assert "3 positive 1 neutral 1 negative" in shown["Zoe"]
    assert "60 % of 5 satisfied 23 to 88 %, few answers" in shown["Zoe"]
    assert "1 answered too few for a share" in shown["Ann"]
    assert "nobody answered" in shown["Moe"]


@ON_BOTH
def test_a_trend_has_every_period_the_newest_first(desk: Desk, answer: Any, clock: SetClock) -> None:
    answer(ann=[1])
    clock.forward(days=14)
    answer(ann=[3, 3])
    path = trend_of(desk, "Ann")
    weeks = figures(desk, path)
    assert list(weeks)[:4] == ["Together", "Week of 16 March", "Week of 9 March", "Week of 2 March"]
    assert len(weeks) == 13
    said = [
        next(sentiment for sentiment in ("2 positive", "1 negative", "nobody") if sentiment in weeks[name])
        for name in list(weeks)[1:4]
    ]
    assert said == ["2 positive", "nobody", "1 negative"]
    assert "3 answered" in weeks["Together"]
    days = figures(desk, path, by="day")
    assert (len(days), list(days)[1], "2 answered" in days["Together"]) == (15, "17 March", True)
    assert list(figures(desk, path, by="month"))[1:3] == ["March 2026", "February 2026"]


def test_a_bar_is_as_long_as_there_were_answers(desk: Desk, answer: Any, clock: SetClock) -> None:
    answer(ann=[1])
    clock.forward(days=7)
    answer(ann=[3, 3, 2, 1])
    page = desk.console.read(f"{desk.site.key}/{trend_of(desk, 'Ann')}")
    bars = [
        [(part["class"], part["x"], part["width"]) for part in bar.all("rect")] for bar in page.all("svg", klass="bar")
    ]
    assert bars == [
        [("positive", "0%", "50.0%"), ("neutral", "50.0%", "25.0%"), ("negative", "75.0%", "25.0%")],
        [("negative", "0%", "25.0%")],
    ]


@ON_BOTH
def test_excluded_ones_are_left_out_or_in(desk: Desk, answer: Any, api: Api) -> None:
    answer(ann=[1, 3])
    bad = done(api.get("/votes?score=1"))["votes"][0]["id"]
    done(api.post(f"/votes/{bad}/exclude", {"reason": "a test"}))
    assert "0 negative" in figures(desk)["Ann"]
    assert "1 negative" in figures(desk, excluded="with")["Ann"]
    path = trend_of(desk, "Ann")
    assert "0 negative" in figures(desk, path)["Together"]
    assert "1 negative" in figures(desk, path, excluded="with")["Together"]


def test_what_is_chosen_goes_along(desk: Desk, answer: Any) -> None:
    answer(ann=[3])
    page = desk.console.read(f"{desk.site.key}/agents", query_string={"by": "month", "excluded": "with"})
    assert page.one("div", klass="figures").one("a")["href"].endswith("?by=month&excluded=with")
    links: dict[str, Element] = {link.text: link for link in page.one("div", klass="spans").all("a")}
    assert links["12 weeks"]["href"].endswith("/agents?excluded=with")
    assert links["Excluded ratings hidden"]["href"].endswith("/agents?by=month")


def test_another_sites_agent_is_not_there_and_nonsense_is_refused(
    desk: Desk, answer: Any, make: Make, console: Console
) -> None:
    answer(ann=[3])
    path = trend_of(desk, "Ann")
    other = Desk(console, make.site(name="Other"))
    assert figures(other) == {}
    assert console.get(f"{other.site.key}/{path}").status_code == 404
    for query in ({"by": "year"}, {"excluded": "only"}):
        assert console.get(f"{desk.site.key}/agents", query_string=query).status_code == 422


@ON_BOTH
def test_many_are_turned_like_pages(desk: Desk, site: MadeSite, make: Make) -> None:
    for number in range(52):
        make.agent(site, f"a{number}", f"Agent {number:02}")
    assert len(figures(desk)) == 50
    assert list(figures(desk, **{"from": "50"})) == ["Agent 50", "Agent 51"]
    page = desk.console.read(f"{desk.site.key}/agents", query_string={"from": "50", "excluded": "with"})
    assert page.one("p", klass="pager").text == "‹ Before 51 to 52 of 52"
    links = {link.text: link["href"] for link in page.one("div", klass="spans").all("a")}
    assert links["12 months"].endswith("/agents?by=month&excluded=with&from=50")
    for beyond in ("52", "9" * 30):
        page = desk.console.read(f"{desk.site.key}/agents", query_string={"from": beyond})
        assert "The list is not as long as this." in page.one("section", klass="empty").text
        assert page.one("p", klass="pager").text == "‹ Before"


@ON_BOTH
def test_an_answer_of_tomorrow_counts_tomorrow(desk: Desk, answer: Any, api: Api, clock: SetClock) -> None:
    """A site that moves west has answers of a day that has not begun there."""
    done(api.patch("/site", {"time_zone": "Pacific/Kiritimati"}))
    answer(ann=[3])
    done(api.patch("/site", {"time_zone": "Pacific/Pago_Pago"}))
    path = trend_of(desk, "Ann")
    assert "nobody answered" in figures(desk)["Ann"]
    assert "nobody answered" in figures(desk, path, by="day")["Together"]
    clock.forward(days=2)
    assert "1 answered" in figures(desk, path, by="day")["Together"]


def test_a_share_is_never_rounded_to_all_or_none(subtests: pytest.Subtests) -> None:
    shares = {0.0: "0", 0.001: "1", 0.125: "13", 0.625: "63", 0.994: "99", 399 / 400: "99", 1.0: "100"}
    for share, said in shares.items():
        with subtests.test(share=share):
            assert formatting.percent(share) == f"{said}\u00a0%"
