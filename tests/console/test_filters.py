"""The list narrowed: each filter by itself, all of them together, and what it says when nothing fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.talk import Talk
from tests.make import MadeSite, Make
from tests.standing_clock import SetClock

from .conftest import Desk
from .html import Element

Talks = Callable[..., Talk]


@pytest.fixture
def inbox(talks: Talks, clock: SetClock, make: Make, site: MadeSite) -> dict[str, Talk]:
    """Conversations that differ in everything one may look for, made one minute after the other."""
    for name in ("anna", "bo"):
        make.agent(site, name, name.capitalize())
    made: dict[str, Talk] = {}

    def add(title: str, agent: str | None = None, **fields: str) -> Talk:
        clock.forward(minutes=1)
        made[title] = talk = talks(title=title, **fields)
        talk.say("visitor")
        if agent:
            talk.say("agent", agent=agent)
        return talk

    for title, score in (("sad", 1), ("so-so", 2), ("happy", 3)):
        talk = add(title, "anna", team="Returns", case_type="parcel", touchpoint=title)
        talk.vote(talk.ask(), score, comment=f"A {title} comment")
    talk = add("recovered", "bo", product_area="parcel")
    token = talk.ask()
    talk.vote(token, 1, id="A" * 22)
    clock.forward(minutes=5)
    talk.vote(token, 3, id="A" * 22, rev=2)
    add("asked again", "bo", channel="email").ask()
    clock.forward(hours=1)
    made["asked again"].chat().ask()
    add("alone").end()
    add("mute", "bo").end()
    made["silent"] = talks(title="silent")
    made["silent"].say("agent", agent="bo")
    made["silent"].end()
    return made


def titles_of(page: Element) -> list[str]:
    return [row.one("b").text for row in page.all("a", klass="row")]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"face": "negative"}, {"sad"}),
        ({"face": "neutral"}, {"so-so"}),
        ({"face": "positive"}, {"happy", "recovered"}),
        ({"show": "rated"}, {"sad", "so-so", "happy", "recovered"}),
        ({"mark": "recovered"}, {"recovered"}),
        ({"mark": "asked_again"}, {"asked again"}),
        ({"why": "no_person_answered"}, {"alone"}),
        ({"why": "no_visitor_message"}, {"silent"}),
        ({"why": "asked_recently"}, set()),
        ({"agent": "anna"}, {"sad", "so-so", "happy"}),
        ({"agent": "nobody"}, set()),
        ({"team": "Returns"}, {"sad", "so-so", "happy"}),
        ({"channel": "email"}, {"asked again"}),
        ({"tag": "parcel"}, {"sad", "so-so", "happy", "recovered"}),
        ({"tag": "happy"}, {"happy"}),
        ({"tag": "parce"}, set()),
        ({"q": "SAD COMM"}, {"sad"}),
        ({"agent": "bo", "tag": "parcel"}, {"recovered"}),
        ({"agent": "anna", "face": "positive", "team": "Returns", "tag": "parcel", "q": "comment"}, {"happy"}),
        ({"show": "rated", "agent": "bo", "mark": "recovered", "face": "negative"}, set()),
        ({"show": "", "face": "", "q": "  ", "agent": "anna"}, {"sad", "so-so", "happy"}),
    ],
)
def test_filters_are_combined_freely(inbox: dict, desk: Desk, query: dict[str, str], titles: set[str]) -> None:
    assert set(desk.titles(**query)) == titles


def test_the_api_takes_the_same_filters(inbox: dict, desk: Desk, make: Make, site: MadeSite) -> None:
    api = make.back_end(site)

    def listed(query: str) -> set[str]:
        answer = api.get(f"/conversations?{query}")
        assert answer.status_code == 200, answer.get_json()
        return {row["title"] for row in answer.get_json()["conversations"]}

    assert listed("state=rated&agent=anna&face=neutral&channel=chat&team=Returns&tag=parcel&q=so-so") == {"so-so"}
    assert listed("why=no_person_answered") == {"alone"}
    assert listed("mark=asked_again") == {"asked again"}
    marked = {row["title"]: row["asked_again"] for row in api.get("/conversations").get_json()["conversations"]}
    assert [title for title, again in marked.items() if again] == ["asked again"]
    for query in ("face=sad", "why=x", "mark=x", "channel=fax", "state=good", "q=", "agent="):
        answer = api.get(f"/conversations?{query}")
        assert (answer.status_code, answer.get_json()["pointer"]) == (422, f"/{query.partition('=')[0]}")


def test_another_sites_conversations_are_never_among_them(inbox: dict, desk: Desk, make: Make) -> None:
    other = Desk(desk.console, make.site(name="Other"))
    for query in ({"q": "comment"}, {"agent": "anna"}, {"face": "positive"}, {"show": "not_asked"}, {"tag": "parcel"}):
        assert other.titles(**query) == []


def test_a_removed_answer_has_no_face_and_is_not_rated(inbox: dict, desk: Desk) -> None:
    talk = inbox["happy"]
    talk.vote(talk.ask(), None, rev=2)
    assert "happy" not in desk.titles(face="positive")
    assert "happy" not in desk.titles(show="rated")


def test_a_part_that_was_asked_after_all_has_no_reason(inbox: dict, desk: Desk, clock: SetClock) -> None:
    clock.forward(hours=1)
    inbox["alone"].chat().ask()
    assert desk.titles(why="no_person_answered") == []


def test_the_last_reason_is_the_one_that_counts(inbox: dict, desk: Desk, clock: SetClock) -> None:
    clock.forward(hours=1)
    inbox["silent"].reopen()
    for _ in range(3):
        inbox["silent"].say("visitor")
    inbox["silent"].end()
    assert "silent" in desk.titles(why="no_person_answered")
    assert desk.titles(why="no_visitor_message") == []


def test_a_filter_stays_where_one_goes(inbox: dict, desk: Desk) -> None:
    query = {"agent": "anna", "show": "rated", "limit": "2"}
    page = desk.console.read(f"{desk.site.key}/conversations", query_string=query)
    assert titles_of(page) == ["happy", "so-so"]
    kept = ("show=rated", "agent=anna")
    for address in (page.one("div", klass="rows")["data-list"], page.one("a", data_key="older")["href"]):
        assert all(part in address for part in kept), address
    row = next(page.all("a", klass="row"))
    beside = desk.console.read(row["href"].removeprefix("/console/"))
    assert titles_of(beside) == ["happy", "so-so", "sad"]
    assert all(part in beside.one("a", klass="back")["href"] for part in kept)
    bad = next(link for link in page.one("div", klass="filters").all("a") if link.text == "Bad")
    assert "agent=anna" in bad["href"]
    assert "show=bad" in bad["href"]


def test_pages_by_cursor_are_narrowed_too(inbox: dict, make: Make, site: MadeSite) -> None:
    api = make.back_end(site)
    seen, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"/conversations?limit=2&tag=parcel{f'&cursor={cursor}' if cursor else ''}").get_json()
        seen.append([row["title"] for row in answer["conversations"]])
        cursor = answer["next_cursor"]
    assert seen == [["recovered", "happy"], ["so-so", "sad"]]


def test_what_is_set_is_shown_and_can_be_taken_away(inbox: dict, desk: Desk) -> None:
    query = {"agent": "anna", "why": "no_person_answered", "show": "bad"}
    page = desk.console.read(f"{desk.site.key}/conversations", query_string=query)
    chips = {link.text: link["href"] for link in page.one("ul", klass="chips").all("a")}
    assert [text.partition(" ×")[0] for text in chips] == ["Not asked because: no person answered", "Agent: Anna"]
    without = desk.console.read(list(chips.values())[1].removeprefix("/console/"))
    assert [link.text.partition(" ×")[0] for link in without.one("ul", klass="chips").all("a")] == [
        "Not asked because: no person answered"
    ]
    offers = {link.text for link in page.one("div", data_key="empty").all("a")}
    assert offers == {
        "Without Not asked because: no person answered",
        "Without Agent: Anna",
        "Not only “Bad”",
        "All conversations",
    }


def test_a_narrowed_list_is_counted(inbox: dict, desk: Desk) -> None:
    def counted(**query: str) -> list[str]:
        page = desk.console.read(f"{desk.site.key}/conversations", query_string=query)
        return [line.text for line in page.all("p", klass="count")]

    assert counted() == []
    assert counted(mark="recovered") == ["1 conversation"]
    assert counted(show="rated", limit="1") == ["4 conversations"]


def test_what_was_asked_again_is_marked(inbox: dict, desk: Desk) -> None:
    rows = {row.one("b").text: row for row in desk.rows()}
    assert "Asked again after reopening" in rows.pop("asked again").text
    assert not [title for title, row in rows.items() if "Asked again" in row.text]


def test_the_form_offers_what_there_is_and_says_what_is_set(inbox: dict, desk: Desk) -> None:
    page = desk.console.read(f"{desk.site.key}/conversations?agent=bo&team=Elsewhere&show=rated")
    form = page.one("form", klass="find")
    named = {field["name"]: field for field in (*form.all("select"), *form.all("input"))}
    agents = {option["value"]: option.text for option in named["agent"].all("option")}
    assert agents == {"": "Any", "anna": "Anna", "bo": "Bo"}
    assert "selected" in form.one("option", value="bo").attributes
    assert (named["team"]["value"], named["show"]["value"]) == ("Elsewhere", "rated")
    assert [option["value"] for option in form.one("datalist", id="offered-tag").all("option")] == [
        "happy",
        "parcel",
        "sad",
        "so-so",
    ]
