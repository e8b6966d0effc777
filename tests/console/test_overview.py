"""The overview: one figure for each scale, what changed, who answered, and the list behind each number."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api, done
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import Page
from widget_server.jobs.schedule import delete_old_data
from widget_server.storage.db import db

from .conftest import Console, Desk
from .html import Element

PATH = "overview"


@pytest.fixture
def give(make: Make, site: MadeSite, talks: Any, clock: SetClock) -> Any:
    """Return `give("ann", [3, 1])`, which makes a rated chat of the agent for each score."""

    def rate(agent: str, scores: list[int], **fields: Any) -> None:
        make.agent(site, agent, agent.title())
        for score in scores:
            clock.forward(seconds=2)
            talk = talks()
            talk.say("visitor")
            talk.say("agent", agent=agent)
            talk.vote(talk.ask(), score, **fields)

    return rate


def read(desk: Desk, **query: Any) -> Element:
    return desk.console.read(f"{desk.site.key}/{PATH}", query_string=query)


def sections(page: Element) -> dict[str, Element]:
    """Return the section of each scale by its heading."""
    return {section.one("h2").text: section for section in page.all("section", klass="scale-report")}


def test_each_scale_has_its_figure_and_the_busiest_is_first(
    desk: Desk, give: Any, make: Make, client: FlaskClient
) -> None:
    reader = Page(client, desk.site.key, str(make.survey(desk.site, "article", look="nps").revision))
    for number, score in enumerate([10, 9, 9, 7, 0, 10]):
        reader.vote({"kind": "article", "subject": f"/guide/{number}"}, score)
    give("ann", [3] * 28 + [2] * 3 + [1] * 4)
    three, nps = sections(read(desk)).items()
    assert three[0] == "Satisfied, of three answers"
    text = three[1].text
    assert "80 % 64 to 90 %" in text
    assert "28 positive" in text and "3 neutral" in text and "4 negative" in text
    assert "Too few ratings to compare" in text
    assert "About 385 ratings give a margin of 5 points." in text
    assert "100 % 90 to 100 %" in text and "35 of 35 asked" in text
    assert nps[0] == "Net Promoter Score (NPS)"
    assert "+50" in nps[1].text and "4 promoters" in nps[1].text and "tentative" in nps[1].text
    assert "67 % in the top group" in nps[1].text


def test_too_few_ratings_show_no_share(desk: Desk, give: Any) -> None:
    give("ann", [3, 3, 3, 3])
    text = sections(read(desk))["Satisfied, of three answers"].text
    assert "Too few ratings" in text and "4 ratings" in text
    assert "give a margin" not in text
    assert "100 % 51" not in text
    assert "No ratings in this period." in read(desk, since="2020-01-01", until="2020-01-31").text


def test_a_change_is_said_in_words_beside_both_periods(desk: Desk, give: Any, clock: SetClock) -> None:
    give("ann", [3] * 6 + [1] * 14)
    clock.forward(days=30)
    desk.console.sign_in()
    give("ann", [3] * 19 + [1])
    text = sections(read(desk))["Satisfied, of three answers"].text
    assert "+65 points Higher, more than chance explains (likely" in text
    assert "Against the period before" in text
    rows = [row.text for row in next(next(iter(sections(read(desk)).values())).all("table")).all("tr")]
    assert rows[1].startswith("4 Mar to 2 Apr95 % (76 to 99 %) 20")
    assert rows[2].startswith("2 Feb to 3 Mar30 % (15 to 52 %) 20")
    assert "Against the year before" in sections(read(desk, against="year"))["Satisfied, of three answers"].text


def test_every_number_opens_its_list(desk: Desk, give: Any, api: Api) -> None:
    give("ann", [3, 3, 2, 1, 1, 1], comment="Words about it")
    give("ben", [3, 3])
    page = read(desk, agent="ann")
    numbers = {
        link.text: link["href"]
        for link in next(iter(sections(page).values())).all("a")
        if "/overview/ratings" in link["href"]
    }
    for text, count in (("2 positive", 2), ("1 neutral", 1), ("3 negative", 3), ("6 ratings", 6)):
        ratings = desk.console.read(numbers[text].removeprefix("/console/"))
        assert len(list(ratings.one("ul", klass="report-votes").all("li"))) == count
    link = next(ratings.one("ul", klass="report-votes").all("a"))
    assert desk.console.get(link["href"].removeprefix("/console/")).status_code == 200
    assert "Words about it" in ratings.text and "Agent: ann" in ratings.text
    query = parse_qs(urlsplit(numbers["2 positive"]).query)
    assert (query["since"], query["until"]) == (["2026-02-02"], ["2026-03-03"])


def test_excluded_ratings_are_switched_on(desk: Desk, give: Any, api: Api) -> None:
    give("ann", [3] * 5 + [1])
    bad = done(api.get("/votes?score=1"))["votes"][0]["id"]
    done(api.post(f"/votes/{bad}/exclude", {"reason": "a test"}))
    assert "5 ratings" in read(desk).text
    page = read(desk, excluded="with")
    assert "6 ratings" in page.text
    links = {link.text: link for link in page.one("div", klass="spans").all("a")}
    assert links["Excluded ratings shown"]["aria-current"] == "true"
    assert links["90 days"]["href"].endswith("?excluded=with&period=90")


def test_the_table_merges_thin_groups_and_changes_its_cut(desk: Desk, give: Any) -> None:
    give("ann", [3] * 8)
    give("ben", [1] * 7)
    give("cid", [3])
    table = read(desk).one("section", klass="cut-table")
    rows = [row.text for row in table.all("tr")][1:]
    assert [row.split()[0] for row in rows] == ["Ann", "Ben", "Other:"]
    assert "1 group with too few ratings" in rows[2] and "Too few ratings" in rows[2]
    for cut, first in (("channel", "Chat"), ("survey", "chat_end"), ("weekday", "Tuesday"), ("verified", "Verified")):
        table = read(desk, cut=cut).one("section", klass="cut-table")
        assert first in table.text, cut
    assert "No ratings" in read(desk, cut="article").one("section", klass="cut-table").text
    narrowed = table.one("tbody").one("a")["href"] if cut == "verified" else ""
    assert "verified=yes" in narrowed or "verified=no" in narrowed


def test_a_long_list_continues(desk: Desk, give: Any) -> None:
    give("ann", [3] * 52)
    path = f"{desk.site.key}/overview/ratings"
    first = desk.console.read(path)
    older = first.one("p", klass="pager").one("a")["href"].removeprefix("/console/")
    second = desk.console.read(older)
    counts = [len(list(page.one("ul", klass="report-votes").all("li"))) for page in (first, second)]
    assert counts == [50, 2]


def test_wrong_addresses_are_refused(desk: Desk, console: Console, make: Make) -> None:
    for path in (
        "overview?period=8",
        "overview?cut=mood",
        "overview?against=never",
        "overview?since=x",
        "overview/ratings?scale=x",
        "overview/ratings?sentiment=x",
        "overview/ratings?cursor=x",
    ):
        assert console.get(f"{desk.site.key}/{path}").status_code == 422, path
    other = make.site(name="Other")
    assert "No ratings in this period." in Desk(console, other).console.read(f"{other.key}/overview").text


def test_hostile_names_are_text(desk: Desk, give: Any, make: Make) -> None:
    make.agent(desk.site, "<i>x</i>", "<script>alert(1)</script>")
    give("ann", [3] * 5, comment="<b>bold</b>")
    page = desk.console.get(f"{desk.site.key}/overview").get_data(as_text=True)
    assert "<b>bold</b>" not in page and "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "style=" not in page.partition("<main")[2]


def test_dates_follow_the_language(desk: Desk, give: Any) -> None:
    give("ann", [3] * 5)
    headers = {"Accept-Language": "de"}
    for period, text in (("30", "2. Feb."), ("365", "Mär 2026")):
        page = desk.console.read(f"{desk.site.key}/overview", query_string={"period": period}, headers=headers)
        assert text in page.text


def test_deleted_ratings_are_named_beside_their_counts(
    app: Flask, desk: Desk, give: Any, api: Api, clock: SetClock
) -> None:
    give("ann", [3] * 6)
    assert "are deleted" not in read(desk).text
    done(api.patch("/site", {"retention": {"ratings": 1}}))
    clock.forward(days=20)
    with app.app_context():
        for _count in delete_old_data():
            db.session.commit()
    desk.console.sign_in()
    page, sentence = read(desk), "Ratings until 3 Mar are deleted"
    assert "6 ratings" in page.text and sentence in page.text
    ratings = desk.console.read(f"{desk.site.key}/overview/ratings")
    assert "No ratings match." in ratings.text and sentence in ratings.text
    assert "are deleted" not in read(desk, since="2026-03-04").text


def test_shares_of_scores_add_to_100(desk: Desk, make: Make, client: FlaskClient) -> None:
    reader = Page(client, desk.site.key, str(make.survey(desk.site, "article", look="nps").revision))
    for number, score in enumerate([10] * 2 + [9] * 2 + [0] * 2):
        reader.vote({"kind": "article", "subject": f"/guide/{number}"}, score)
    table = list(sections(read(desk))["Net Promoter Score (NPS)"].all("table"))[-1]
    shares = [list(row.all("td"))[-1].text for row in list(table.all("tr"))[1:]]
    assert sum(int(share.rstrip("\u00a0 %")) for share in shares) == 100, shares


def test_the_channel_of_articles_is_a_filter(desk: Desk, article_page: Page, give: Any, api: Api) -> None:
    for number in range(5):
        article_page.vote({"kind": "article", "subject": f"/guide/{number}"}, 3)
    give("ann", [1])
    link = next(one for one in read(desk, cut="channel").one("section", klass="cut-table").one("tbody").all("a"))
    assert link.text == "Page"
    narrowed = desk.console.read(link["href"].removeprefix("/console/"))
    assert "5 positive" in narrowed.text and "1 negative" not in narrowed.text
    assert done(api.get("/reports/overview?channel=page"))["scales"][0]["answered"] == 5
