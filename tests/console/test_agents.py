"""The ratings of each agent: the list of agents, and the trend of one."""

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
    """Return `answer(ann=[3, 1])`, which makes a rated chat of the agent for each score."""

    def give(**scores: list[int]) -> None:
        for agent, agent_scores in scores.items():
            make.agent(site, agent, agent.title())
            for score in agent_scores:
                talk = talks()
                talk.say("visitor")
                talk.say("agent", agent=agent)
                talk.vote(talk.ask(), score)

    return give


def figures(desk: Desk, path: str = "agents", **query: str) -> dict[str, str]:
    """Return the text of each section by its heading."""
    page = desk.console.read(f"{desk.site.key}/{path}", query_string=query)
    return {one.one("h2").text: one.text for one in page.all("section", klass="figure")}


def trend_of(desk: Desk, name: str) -> str:
    """Return the path of an agent's page by its link in the list."""
    page = desk.console.read(f"{desk.site.key}/agents")
    (link,) = (link for link in page.all("a") if link.text == name)
    return link["href"].partition(f"{desk.site.key}/")[2]


@ON_BOTH
def test_each_agent_has_the_answers_they_are_credited_with_by_name(desk: Desk, answer: Any) -> None:
    answer(zoe=[3, 3, 3, 2, 1], ann=[1], moe=[])
    rows = figures(desk)
    assert list(rows) == ["Ann", "Moe", "Zoe"]
    assert "3 positive 1 neutral 1 negative" in rows["Zoe"]
    assert "60 % satisfied of 5 23 to 88 %, few ratings" in rows["Zoe"]
    assert "1 rating Too few for a share" in rows["Ann"]
    assert "No ratings" in rows["Moe"]


@ON_BOTH
def test_a_trend_has_every_period_the_newest_first(desk: Desk, answer: Any, clock: SetClock) -> None:
    answer(ann=[1])
    clock.forward(days=14)
    answer(ann=[3, 3])
    desk.console.sign_in()
    path = trend_of(desk, "Ann")
    weeks = figures(desk, path)
    assert list(weeks)[:4] == ["Total", "Week of 16 March", "Week of 9 March", "Week of 2 March"]
    assert len(weeks) == 13
    texts = [
        next(text for text in ("2 positive", "1 negative", "No ratings") if text in weeks[name])
        for name in list(weeks)[1:4]
    ]
    assert texts == ["2 positive", "No ratings", "1 negative"]
    assert "3 ratings" in weeks["Total"]
    days = figures(desk, path, by="day")
    assert (len(days), list(days)[1], "2 ratings" in days["Total"]) == (15, "17 March", True)
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
def test_excluded_ratings_are_hidden_or_shown(desk: Desk, answer: Any, api: Api) -> None:
    answer(ann=[1, 3])
    bad = done(api.get("/votes?score=1"))["votes"][0]["id"]
    done(api.post(f"/votes/{bad}/exclude", {"reason": "a test"}))
    assert "0 negative" in figures(desk)["Ann"]
    assert "1 negative" in figures(desk, excluded="with")["Ann"]
    path = trend_of(desk, "Ann")
    assert "0 negative" in figures(desk, path)["Total"]
    assert "1 negative" in figures(desk, path, excluded="with")["Total"]


def test_links_keep_the_chosen_span(desk: Desk, answer: Any) -> None:
    answer(ann=[3])
    page = desk.console.read(f"{desk.site.key}/agents", query_string={"by": "month", "excluded": "with"})
    assert page.one("div", klass="figures").one("h2").one("a")["href"].endswith("?by=month&excluded=with")
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
def test_a_long_list_has_pages(desk: Desk, site: MadeSite, make: Make) -> None:
    for number in range(52):
        make.agent(site, f"a{number}", f"Agent {number:02}")
    assert len(figures(desk)) == 50
    assert list(figures(desk, **{"from": "50"})) == ["Agent 50", "Agent 51"]
    page = desk.console.read(f"{desk.site.key}/agents", query_string={"from": "50", "excluded": "with"})
    assert page.one("p", klass="pager").text == "‹ Previous 51 to 52 of 52"
    links = {link.text: link["href"] for link in page.one("div", klass="spans").all("a")}
    assert links["12 months"].endswith("/agents?by=month&excluded=with&from=50")
    for beyond in ("52", "9" * 30):
        page = desk.console.read(f"{desk.site.key}/agents", query_string={"from": beyond})
        assert "No agents on this page." in page.one("section", klass="empty").text
        assert page.one("p", klass="pager").text == "‹ Previous"


@ON_BOTH
def test_an_answer_of_tomorrow_counts_tomorrow(desk: Desk, answer: Any, api: Api, clock: SetClock) -> None:
    """A site that moves west has answers of a day that has not begun there."""
    done(api.patch("/site", {"time_zone": "Pacific/Kiritimati"}))
    answer(ann=[3])
    done(api.patch("/site", {"time_zone": "Pacific/Pago_Pago"}))
    path = trend_of(desk, "Ann")
    assert "No ratings" in figures(desk)["Ann"]
    assert "No ratings" in figures(desk, path, by="day")["Total"]
    clock.forward(days=2)
    assert "1 rating" in figures(desk, path, by="day")["Total"]


def test_a_share_is_never_rounded_to_all_or_none(subtests: pytest.Subtests) -> None:
    shares = {0.0: "0", 0.001: "1", 0.125: "13", 0.625: "63", 0.994: "99", 399 / 400: "99", 1.0: "100"}
    for share, text in shares.items():
        with subtests.test(share=share):
            assert formatting.percent(share) == f"{text}\u00a0%"


def test_agents_are_sorted_by_score_with_trend_and_interval(desk: Desk, answer: Any, clock: SetClock) -> None:
    answer(ann=[1] * 6, ben=[3] * 5 + [1], cid=[3])
    clock.forward(days=7)
    desk.console.sign_in()
    answer(ann=[1] * 5, ben=[3] * 5)
    assert list(figures(desk)) == ["Ann", "Ben", "Cid"]
    assert list(figures(desk, sort="score")) == ["Ben", "Ann", "Cid"]
    page = desk.console.read(f"{desk.site.key}/agents", query_string={"sort": "score", "q": "n"})
    labels = [chart["aria-label"] for chart in page.all("svg", role="img")]
    assert labels == [
        "Trend of Ben: first 83\u00a0%, last 100\u00a0%",
        "91\u00a0% (62 to 98\u00a0%)",
        "Trend of Ann: first 0\u00a0%, last 0\u00a0%",
        "0\u00a0% (0 to 26\u00a0%)",
    ]
    assert desk.console.get(f"{desk.site.key}/agents", query_string={"sort": "luck"}).status_code == 422


def test_a_week_of_an_agent_opens_its_ratings(desk: Desk, answer: Any, clock: SetClock) -> None:
    answer(ann=[1, 3], ben=[3])
    clock.forward(days=7)
    desk.console.sign_in()
    answer(ann=[3])
    page = desk.console.read(f"{desk.site.key}/{trend_of(desk, 'Ann')}")
    links = [link["href"].removeprefix("/console/") for link in page.all("a") if link.text == "Show ratings"]
    counts = [len(list(desk.console.read(link).one("ul", klass="report-votes").all("li"))) for link in links]
    assert counts == [1, 2]


def test_each_number_of_an_agent_opens_its_ratings(desk: Desk, answer: Any) -> None:
    answer(ann=[3, 3, 1], ben=[3])
    page = desk.console.read(f"{desk.site.key}/agents")
    row = next(iter(page.all("section", klass="figure")))
    links = [*row.one("ul", klass="counts").all("a"), *row.one("p", klass="share").all("a")]
    assert [link.text for link in links] == ["2 positive", "1 negative", "Show ratings: Ann"]
    for link, number in zip(links, (2, 1, 3), strict=True):
        ratings = desk.console.read(link["href"].removeprefix("/console/")).one("ul", klass="report-votes")
        assert len(list(ratings.all("li"))) == number
