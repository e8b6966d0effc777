"""The list of articles: counts of each answer, impressions, and the latest comments."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.back_end import Api, done
from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import Page, press_id
from tests.widget.pictures import picture
from tests.widget.showing import Answers, answers

from .conftest import Console, Desk
from .html import Element

__all__ = ["answers"]


def article(path: str) -> dict[str, str]:
    return {"kind": "article", "subject": path}


def read_page(desk: Desk, **query: str) -> Element:
    return desk.console.read(f"{desk.site.key}/articles", query_string=query)


def articles(desk: Desk, **query: str) -> dict[str, Element]:
    """Return the section of each article by its path."""
    return {section.one("h2").text: section for section in read_page(desk, **query).all("section", klass="figure")}


def share(row: Element) -> str:
    """Return the text beside the counts of an article, without its link."""
    return row.one("p", klass="share").text.partition("Show ratings")[0].strip()


def vote(page: Page, **scores: list[int]) -> None:
    """Rate articles by their names."""
    for name, article_scores in scores.items():
        for score in article_scores:
            done(page.vote(article(f"/{name}"), score))


@ON_BOTH
def test_each_answer_is_counted_and_the_most_answered_come_first(article_page: Page, desk: Desk) -> None:
    for path, scores in (("/help/a", [3]), ("/help/b", [1, 2, 3, 3])):
        for score in scores:
            done(article_page.vote(article(path), score))

    rows = articles(desk)

    assert list(rows) == ["/help/b", "/help/a"]
    assert [item.text for item in rows["/help/b"].one("ul").all("li")] == ["2 positive", "1 neutral", "1 negative"]
    assert share(rows["/help/b"]) == "4 ratings Too few for a share"


def test_impressions_are_beside_the_ratings(article_page: Page, desk: Desk) -> None:
    done(article_page.vote(article("/help/a"), 3))
    for _ in range(3):
        assert article_page.post("seen", article("/help/a")).status_code == 204
    assert share(articles(desk)["/help/a"]) == "1 rating Too few for a share shown 3 times"


@ON_BOTH
def test_a_change_of_mind_moves_the_count(article_page: Page, desk: Desk) -> None:
    press = press_id()
    done(article_page.vote(article("/help/a"), 1, id=press, rev=1))
    done(article_page.vote(article("/help/a"), 3, id=press, rev=2))
    counts = [item.text for item in articles(desk)["/help/a"].one("ul").all("li")]
    assert counts == ["1 positive", "0 neutral", "0 negative"]


@ON_BOTH
def test_the_latest_comments_are_under_their_article_newest_first(
    article_page: Page, desk: Desk, clock: SetClock
) -> None:
    for number in range(5):
        clock.forward(minutes=1)
        done(article_page.vote(article("/help/a"), 1, comment=f"<b>comment {number}</b>"))
    done(article_page.vote(article("/help/b"), 3, comment="of b"))
    comments = [line.one("q").text for line in articles(desk)["/help/a"].one("ul", klass="comments").all("li")]
    assert comments == ["<b>comment 4</b>", "<b>comment 3</b>", "<b>comment 2</b>"]


@ON_BOTH
def test_a_screenshot_alone_has_its_place_among_the_comments(answers: Answers, desk: Desk, clock: SetClock) -> None:
    for number, comment in enumerate((None, "second", None, "fourth")):
        clock.forward(minutes=1)
        answer = answers("/help/a")
        if comment is None:
            assert answer.show(picture(size=(64, 40 + number))).status_code == 200
        else:
            done(answer.page.vote(article("/help/a"), 1, id=answer.id, rev=2, comment=comment))
    contents = []
    for line in articles(desk)["/help/a"].one("ul", klass="comments").all("li"):
        pictures = [image["height"] for image in line.all("img")]
        contents.append(pictures[0] if pictures else line.one("q").text)
    assert contents == ["fourth", "42", "second"]


@ON_BOTH
def test_a_comment_is_excluded_and_restored_in_its_place(article_page: Page, desk: Desk) -> None:
    done(article_page.vote(article("/help/a"), 1, comment="A test of ours"))
    row = articles(desk)["/help/a"]
    response = desk.send(next(row.all("form")), reason="ours")
    assert response.status_code == 303
    assert response.location.endswith(f"{desk.site.key}/articles#{row['id']}")
    row = articles(desk)["/help/a"]
    assert "Excluded by Owner link, " in row.one("ul", klass="comments").text
    assert ": ours not counted" in row.text
    assert share(row) == "No ratings"
    assert desk.send(next(row.all("form"))).status_code == 303
    assert share(articles(desk)["/help/a"]) == "1 rating Too few for a share"


def test_only_articles_answers_are_excluded_beside_articles(
    article_page: Page, desk: Desk, talks: Callable[..., Talk], make: Make, console: Console
) -> None:
    done(article_page.vote(article("/help/a"), 1, comment="Ours"))
    form = next(articles(desk)["/help/a"].all("form"))
    talk = talks()
    talk.chat().vote(talk.ask(), 1)
    chat = desk.transcript(talk.read()["id"]).one("aside").one("form")["action"].rpartition("/votes/")[2]
    other = make.site(name="Other").key
    done(article_page.vote({"kind": "page", "subject": "/about"}, 1))
    (of_page,) = {vote["id"] for vote in done(talk.api.get("/votes"))["votes"]} - {
        chat.partition("/")[0],
        form["action"].rpartition("/votes/")[2].partition("/")[0],
    }
    assert desk.send(form, reason=" ").status_code == 422
    for action in (
        form["action"].rpartition("/votes/")[0] + f"/votes/{chat}",
        form["action"].rpartition("/votes/")[0] + f"/votes/{of_page}/exclude",
        form["action"].replace(desk.site.key, other),
    ):
        form.attributes["action"] = action
        assert desk.send(form, reason="x").status_code == 404
    assert share(articles(desk)["/help/a"]) == "1 rating Too few for a share"


def test_thumbs_are_shown_as_thumbs_without_a_middle(
    make: Make, site: MadeSite, desk: Desk, client: FlaskClient
) -> None:
    page = Page(client, site.key, str(make.survey(site, "article", look="thumbs").revision))
    done(page.vote(article("/help/a"), 2))
    row = articles(desk)["/help/a"]
    assert [item.text for item in row.one("ul").all("li")] == ["1 positive", "0 negative"]
    assert [use["href"] for use in row.all("use")] == ["#up", "#down"]


def test_another_sites_articles_are_not_shown(article_page: Page, make: Make, console: Console) -> None:
    done(article_page.vote(article("/help/a"), 3))
    assert articles(Desk(console, make.site(name="Other"))) == {}


@ON_BOTH
def test_a_long_list_of_articles_has_pages(article_page: Page, desk: Desk) -> None:
    for number in range(52):
        done(article_page.vote(article(f"/help/{number:02}"), 3))
    assert len(articles(desk)) == 50
    page = desk.console.read(f"{desk.site.key}/articles?from=50")
    assert len(list(page.all("section", klass="figure"))) == 2
    assert "51 to 52 of 52" in page.one("p", klass="pager").text


@ON_BOTH
def test_a_page_that_is_not_there_is_empty_and_no_fault(
    article_page: Page, desk: Desk, subtests: pytest.Subtests
) -> None:
    done(article_page.vote(article("/help/a"), 3))
    for start in ("9" * 25, str(2**63), "-1", "-" + "9" * 25, "9" * 5000, "1e9", "first"):
        with subtests.test(start=start):
            page = desk.console.read(f"{desk.site.key}/articles", query_string={"from": start})
            assert page.one("h1").text == "Articles"


@ON_BOTH
def test_articles_are_sorted_by_each_order(article_page: Page, desk: Desk, subtests: pytest.Subtests) -> None:
    vote(article_page, ann=[3], ben=[3, 3, 3, 3, 1, 1, 1], cid=[3] * 5, dot=[1] * 6)
    for name, views in {"ann": 1, "cid": 3}.items():
        for _ in range(views):
            assert article_page.post("seen", article(f"/{name}")).status_code == 204
    for sort, names in {
        "ratings": ["/ben", "/dot", "/cid", "/ann"],
        "score": ["/cid", "/ben", "/dot", "/ann"],
        "views": ["/cid", "/ann", "/ben", "/dot"],
        "name": ["/ann", "/ben", "/cid", "/dot"],
    }.items():
        with subtests.test(sort=sort):
            assert list(articles(desk, sort=sort)) == names
    assert list(articles(desk)) == ["/ben", "/dot", "/cid", "/ann"], "the default"


@ON_BOTH
def test_only_ratings_of_the_period_count(article_page: Page, desk: Desk, clock: SetClock) -> None:
    vote(article_page, old=[3] * 6, both=[1])
    assert article_page.post("seen", article("/old")).status_code == 204
    clock.forward(days=30)
    desk.console.sign_in()
    vote(article_page, both=[3] * 5)
    weeks, days = articles(desk), articles(desk, by="day")
    assert list(weeks) == ["/both", "/old"]
    assert share(weeks["/both"]) == "83 % satisfied of 6 44 to 97 %, few ratings"
    assert share(weeks["/old"]).endswith("shown once")
    assert share(days["/both"]) == "100 % satisfied of 5 57 to 100 %, few ratings"
    assert share(days["/old"]) == "No ratings"


def test_an_article_has_a_trend_and_an_interval_if_they_are_known(
    article_page: Page, desk: Desk, clock: SetClock
) -> None:
    vote(article_page, many=[3] * 5 + [1], few=[3])
    clock.forward(days=7)
    desk.console.sign_in()
    vote(article_page, many=[3] * 5)
    rows = articles(desk)
    labels = {path: [chart["aria-label"] for chart in row.all("svg", role="img")] for path, row in rows.items()}
    assert labels["/many"] == ["Trend of /many: first 83 %, last 100 %", "91 % (62 to 98 %)"]
    assert labels["/few"] == []
    assert share(rows["/few"]) == "1 rating Too few for a share"


@ON_BOTH
def test_each_number_opens_its_ratings(article_page: Page, desk: Desk, api: Api, subtests: pytest.Subtests) -> None:
    vote(article_page, a=[3, 3, 3, 2, 1, 1], b=[3])
    excluded = done(api.get("/votes?score=1"))["votes"][0]["id"]
    done(api.post(f"/votes/{excluded}/exclude", {"reason": "a test"}))
    for exclusion, counts in (("without", ["3", "1", "1"]), ("with", ["3", "1", "2"])):
        row = articles(desk, excluded=exclusion)["/a"]
        links = [*row.one("ul", klass="counts").all("a"), *row.one("p", klass="share").all("a")]
        numbers = [link.text.split()[0] for link in links]
        assert numbers == [*counts, "Show"]
        for link, number in zip(links, [*counts, str(sum(map(int, counts)))], strict=True):
            with subtests.test(exclusion=exclusion, link=link.text):
                ratings = desk.console.read(link["href"].removeprefix("/console/")).one("ul", klass="report-votes")
                assert len(list(ratings.all("li"))) == int(number)


def test_articles_are_searched_by_their_path(article_page: Page, desk: Desk) -> None:
    vote(article_page, **{"help/Zürich": [3], "help/basel": [3, 3], "about": [1]})
    assert list(articles(desk, q="HELP")) == ["/help/basel", "/help/Zürich"]
    assert list(articles(desk, q="zürich help", sort="name")) == ["/help/Zürich"]
    page = read_page(desk, q="no such", by="day")
    assert "No articles match this search." in page.text
    assert next(page.one("section", klass="empty").all("a"))["href"].endswith("/articles?by=day")
    fields = {field["name"]: field["value"] for field in page.one("form", role="search").all("input")}
    assert fields == {"by": "day", "q": "no such"}


def test_an_exclusion_keeps_the_choices_of_the_list(article_page: Page, desk: Desk) -> None:
    done(article_page.vote(article("/help/a"), 1, comment="A test of ours"))
    choices = {"by": "day", "sort": "score", "q": "help", "excluded": "with"}
    row = articles(desk, **choices)["/help/a"]
    response = desk.send(next(row.all("form")), reason="ours")
    address, _, anchor = response.location.partition("#")
    assert anchor == row["id"]
    assert dict(parse_qsl(urlsplit(address).query)) == choices
    live = read_page(desk, **choices).one("div", klass="figures")["data-figures"]
    assert dict(parse_qsl(urlsplit(live).query)) == choices


def test_unknown_choices_of_the_list_are_refused(desk: Desk, subtests: pytest.Subtests) -> None:
    for choice in ({"by": "year"}, {"excluded": "only"}, {"sort": "luck"}, {"q": "x" * 201}):
        with subtests.test(**choice):
            desk.console.read(f"{desk.site.key}/articles", query_string=choice, status=422)
