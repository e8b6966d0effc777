"""The filtered list: each filter alone, all of them together, and the empty list."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock

from .conftest import Desk
from .html import Element

Talks = Callable[..., Talk]


@pytest.fixture
def add(talks: Talks, clock: SetClock, make: Make, site: MadeSite) -> Talks:
    """Make a conversation, a minute after the one before."""
    for name in ("anna", "bo"):
        make.agent(site, name, name.capitalize())

    def add(title: str, agent: str | None = None, **fields: str) -> Talk:
        clock.forward(minutes=1)
        talk = talks(title=title, **fields)
        talk.say("visitor")
        if agent:
            talk.say("agent", agent=agent)
        return talk

    return add


@pytest.fixture
def inbox(add: Talks, talks: Talks, clock: SetClock) -> None:
    """Conversations that differ in everything one may look for, made one minute after the other."""
    for title, score in (("sad", 1), ("so-so", 2), ("happy", 3)):
        talk = add(title, "anna", team="Returns", case_type="parcel", touchpoint=title)
        talk.vote(talk.ask(), score, comment=f"A {title} comment")
    talk = add("recovered", "bo", product_area="parcel")
    token = talk.ask()
    talk.vote(token, 1, id="A" * 22)
    clock.forward(minutes=5)
    talk.vote(token, 3, id="A" * 22, rev=2)
    talk = add("asked again", "bo", channel="email")
    talk.ask()
    clock.forward(hours=1)
    talk.chat().ask()
    add("alone").end()
    add("mute", "bo").end()
    silent(talks)


def silent(talks: Talks) -> Talk:
    """Make a conversation in which no visitor wrote."""
    talk = talks(title="silent")
    talk.say("agent", agent="bo")
    talk.end()
    return talk


def titles_of(page: Element) -> list[str]:
    return [row.one("b").text for row in page.all("a", klass="row")]


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({"sentiment": "negative"}, {"sad"}),
    ({"sentiment": "neutral"}, {"so-so"}),
    ({"sentiment": "positive"}, {"happy", "recovered"}),
    ({"status": "rated"}, {"sad", "so-so", "happy", "recovered"}),
    ({"history": "recovered"}, {"recovered"}),
    ({"history": "asked_again"}, {"asked again"}),
    ({"reason": "no_person_answered"}, {"alone"}),
    ({"reason": "no_visitor_message"}, {"silent"}),
    ({"reason": "asked_recently"}, set()),
    ({"agent": "anna"}, {"sad", "so-so", "happy"}),
    ({"agent": "nobody"}, set()),
    ({"team": "Returns"}, {"sad", "so-so", "happy"}),
    ({"channel": "email"}, {"asked again"}),
    ({"tag": "parcel"}, {"sad", "so-so", "happy", "recovered"}),
    ({"tag": "happy"}, {"happy"}),
    ({"tag": "parce"}, set()),
    ({"q": "SAD COMM"}, {"sad"}),
    ({"agent": "bo", "tag": "parcel"}, {"recovered"}),
    ({"agent": "anna", "sentiment": "positive", "team": "Returns", "tag": "parcel", "q": "comment"}, {"happy"}),
    ({"status": "rated", "agent": "bo", "history": "recovered", "sentiment": "negative"}, set()),
    ({"status": "", "sentiment": "", "q": "  ", "agent": "anna"}, {"sad", "so-so", "happy"}),
]


def check_the_api_takes_the_same_filters(desk: Desk, make: Make) -> None:
    api = make.back_end(desk.site)

    def listed(query: str) -> set[str]:
        answer = api.get(f"/conversations?{query}")
        assert answer.status_code == 200, answer.get_json()
        return {row["title"] for row in answer.get_json()["conversations"]}

    assert listed("status=rated&agent=anna&sentiment=neutral&channel=chat&team=Returns&tag=parcel&q=so-so") == {"so-so"}
    assert listed("reason=no_person_answered") == {"alone"}
    assert listed("history=asked_again") == {"asked again"}
    marked = {row["title"]: row["asked_again"] for row in api.get("/conversations").get_json()["conversations"]}
    assert [title for title, again in marked.items() if again] == ["asked again"]
    for query in ("sentiment=sad", "reason=x", "history=x", "channel=fax", "status=good", "q=", "agent="):
        answer = api.get(f"/conversations?{query}")
        assert (answer.status_code, answer.get_json()["pointer"]) == (422, f"/{query.partition('=')[0]}")


def check_another_sites_conversations_are_never_among_them(desk: Desk, make: Make) -> None:
    other = Desk(desk.console, make.site(name="Other"))
    for query in (
        {"q": "comment"},
        {"agent": "anna"},
        {"sentiment": "positive"},
        {"status": "not_asked"},
        {"tag": "parcel"},
    ):
        assert other.titles(**query) == []


def check_a_filter_stays_where_one_goes(desk: Desk, make: Make) -> None:
    query = {"agent": "anna", "status": "rated", "limit": "2"}
    page = desk.console.read(f"{desk.site.key}/conversations", query_string=query)
    assert titles_of(page) == ["happy", "so-so"]
    parameters = ("status=rated", "agent=anna")
    for address in (page.one("div", klass="rows")["data-list"], page.one("a", data_key="older")["href"]):
        assert all(part in address for part in parameters), address
    row = next(page.all("a", klass="row"))
    beside = desk.console.read(row["href"].removeprefix("/console/"))
    assert titles_of(beside) == ["happy", "so-so", "sad"]
    assert all(part in beside.one("a", klass="back")["href"] for part in parameters)
    bad = next(link for link in page.one("div", klass="filters").all("a") if link.text == "Negative")
    assert "agent=anna" in bad["href"]
    assert "status=negative" in bad["href"]


def check_pages_by_cursor_are_filtered_too(desk: Desk, make: Make) -> None:
    api = make.back_end(desk.site)
    pages, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"/conversations?limit=2&tag=parcel{f'&cursor={cursor}' if cursor else ''}").get_json()
        pages.append([row["title"] for row in answer["conversations"]])
        cursor = answer["next_cursor"]
    assert pages == [["recovered", "happy"], ["so-so", "sad"]]


def check_what_is_set_is_shown_and_can_be_taken_away(desk: Desk, make: Make) -> None:
    query = {"agent": "anna", "reason": "no_person_answered", "status": "negative"}
    page = desk.console.read(f"{desk.site.key}/conversations", query_string=query)
    chips = {link.text: link["href"] for link in page.one("ul", klass="chips").all("a")}
    assert [text.partition(" ×")[0] for text in chips] == ["Reason not asked: no person answered", "Agent: Anna (anna)"]
    without = desk.console.read(list(chips.values())[1].removeprefix("/console/"))
    assert [link.text.partition(" ×")[0] for link in without.one("ul", klass="chips").all("a")] == [
        "Reason not asked: no person answered"
    ]
    links = {link.text for link in page.one("div", data_key="empty").all("a")}
    assert links == {
        "Clear filters",
        "Remove Reason not asked: no person answered",
        "Remove Agent: Anna (anna)",
        "Remove Status: Negative",
    }


def check_a_filtered_list_is_counted(desk: Desk, make: Make) -> None:
    def counted(**query: str) -> list[str]:
        page = desk.console.read(f"{desk.site.key}/conversations", query_string=query)
        return [line.text for line in page.all("p", klass="count")]

    assert counted() == []
    assert counted(history="recovered") == ["1 conversation"]
    assert counted(status="rated", limit="1") == ["4 conversations"]


def check_what_was_asked_again_is_marked(desk: Desk, make: Make) -> None:
    rows = {row.one("b").text: row for row in desk.rows()}
    assert "Asked again after reopening" in rows.pop("asked again").text
    assert not [title for title, row in rows.items() if "Asked again" in row.text]


def check_the_form_offers_what_there_is_and_says_what_is_set(desk: Desk, make: Make) -> None:
    page = desk.console.read(f"{desk.site.key}/conversations?agent=bo&team=Elsewhere&status=rated")
    form = page.one("form", klass="find")
    fields = {field["name"]: field for field in (*form.all("select"), *form.all("input"))}
    agents = {option["value"]: option.text for option in fields["agent"].all("option")}
    assert agents == {"": "Any", "anna": "Anna (anna)", "bo": "Bo (bo)"}
    assert "selected" in form.one("option", value="bo").attributes
    assert (fields["team"]["value"], fields["status"]["value"]) == ("Elsewhere", "rated")
    assert [option["value"] for option in form.one("datalist", id="offered-tag").all("option")] == [
        "happy",
        "parcel",
        "sad",
        "so-so",
    ]


@pytest.mark.slow
@ON_BOTH
def test_the_list_is_filtered(inbox: None, desk: Desk, make: Make, subtests: pytest.Subtests) -> None:
    """Check everything that only reads the inbox, because making it takes longer than reading it."""
    for query, titles in FILTERS:
        with subtests.test("filters are combined freely", query=query):
            assert set(desk.titles(**query)) == titles
    for check in (
        check_the_api_takes_the_same_filters,
        check_another_sites_conversations_are_never_among_them,
        check_a_filter_stays_where_one_goes,
        check_pages_by_cursor_are_filtered_too,
        check_what_is_set_is_shown_and_can_be_taken_away,
        check_a_filtered_list_is_counted,
        check_what_was_asked_again_is_marked,
        check_the_form_offers_what_there_is_and_says_what_is_set,
    ):
        with subtests.test(check.__name__):
            check(desk, make)


@ON_BOTH
def test_a_removed_answer_has_no_face_and_is_not_rated(add: Talks, desk: Desk, clock: SetClock) -> None:
    talk = add("happy", "anna")
    talk.vote(talk.ask(), 3)
    assert desk.titles(sentiment="positive") == desk.titles(status="rated") == ["happy"]
    clock.forward(minutes=1)
    talk.vote(talk.ask(), None, rev=2)
    assert desk.titles(sentiment="positive") == desk.titles(status="rated") == []


@ON_BOTH
def test_a_segment_that_was_asked_later_has_no_reason(add: Talks, desk: Desk, clock: SetClock) -> None:
    talk = add("alone")
    talk.end()
    assert desk.titles(reason="no_person_answered") == ["alone"]
    clock.forward(hours=1)
    talk.chat().ask()
    assert desk.titles(reason="no_person_answered") == []


@ON_BOTH
def test_the_last_reason_is_the_one_that_counts(add: Talks, talks: Talks, desk: Desk, clock: SetClock) -> None:
    talk = silent(talks)
    assert desk.titles(reason="no_visitor_message") == ["silent"]
    clock.forward(hours=1)
    talk.reopen()
    for _ in range(3):
        talk.say("visitor")
    talk.end()
    assert desk.titles(reason="no_person_answered") == ["silent"]
    assert desk.titles(reason="no_visitor_message") == []
