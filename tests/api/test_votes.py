"""Tests of reading votes: the list, its filters, one vote with its history, and never another site's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import Page, press_id
from widget_server.core import tokens


class Visits:
    """A site with both surveys, whose visitors rate chats and articles."""

    def __init__(self, api: Api, make: Make, site: MadeSite, clock: SetClock) -> None:
        self.api, self.clock = api, clock
        self.chat_survey, self.article_survey = make.survey(site), make.survey(site, "article")
        self.pages = {
            survey.id: Page(api.client, site.key, str(survey.revision))
            for survey in (self.chat_survey, self.article_survey)
        }

    def chat(self, external_id: str, score: int | None, *, agent: str | None = None, **fields: Any) -> dict[str, Any]:
        """Rate a chat. Return the token and the client's id, with which it can be rated again."""
        self.clock.forward(minutes=1)
        page = Page(self.api.client, self.pages[self.chat_survey.id].key, str(self.chat_survey.revision))
        chat = Chat(self.api, external_id)
        chat.put(browser=tokens.digest(page.browser), **fields)
        chat.write("visitor")
        chat.write("agent", **({"agent": agent} if agent else {}))
        chat.end()
        press = {"target": page.end(external_id).get_json()["token"], "id": press_id()}
        assert page.vote(press["target"], score, id=press["id"], comment=f"about {external_id}").status_code == 200
        return press

    def again(self, press: dict[str, Any], score: int | None, rev: int = 2) -> None:
        page = self.pages[self.chat_survey.id]
        assert page.vote(press["target"], score, id=press["id"], rev=rev).status_code == 200

    def article(self, path: str, score: int) -> None:
        self.clock.forward(minutes=1)
        target = {"kind": "article", "subject": path}
        assert self.pages[self.article_survey.id].vote(target, score).status_code == 200


@pytest.fixture
def visits(api: Api, make: Make, site: MadeSite, clock: SetClock) -> Visits:
    return Visits(api, make, site, clock)


def subjects(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [vote["subject"] for vote in answer.get_json()["votes"]]


@pytest.fixture
def four(visits: Visits, api: Api) -> Visits:
    """Return visits with votes on two chats and two articles; the second of each is negative."""
    for agent, name in (("a1", "Sam"), ("a2", "Kim")):
        api.put(f"/agents/{agent}", {"name": name})
    visits.chat("c1", 3, agent="a1")
    visits.chat("c2", 1, agent="a2", channel="email", team="North", language="da")
    visits.article("/help/one", 3)
    visits.article("/help/two", 1)
    return visits


ALL = ["/help/two", "/help/one", "c2", "c1"]


FILTERED: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ALL),
    ({"score": 1}, ["/help/two", "c2"]),
    ({"agent": "a1"}, ["c1"]),
    ({"agent": "a2", "score": 3}, []),
    ({"channel": "email"}, ["c2"]),
    ({"channel": "page"}, ["/help/two", "/help/one"]),
    ({"subject": "/help/one"}, ["/help/one"]),
    ({"subject": "c1"}, ["c1"]),
    ({"kind": "article"}, ["/help/two", "/help/one"]),
    ({"kind": "conversation"}, ["c2", "c1"]),
    ({"kind": "order"}, []),
    ({"verified": "true"}, ["c2", "c1"]),
    ({"verified": "false"}, ["/help/two", "/help/one"]),
    ({"since": "2026-03-03T10:03:00Z"}, ["/help/two", "/help/one"]),
    ({"until": "2026-03-03T11:02:00+01:00"}, ["c1"]),
    ({"since": "2026-03-03T10:02:00Z", "until": "2026-03-03T10:03:00Z"}, ["c2"]),
]
LITERAL_VALUES = ("' OR 1=1 --", "%", "_", '"', "\\", "a1' OR 'a'='a", '{"$ne":""}')
FILTERED += [({name: value}, []) for name in ("subject", "kind") for value in LITERAL_VALUES]


@ON_BOTH
def test_a_filter_matches_literally(four: Visits, api: Api, subtests: pytest.Subtests) -> None:
    of_survey: list[tuple[dict[str, Any], list[str]]] = [
        ({"survey": four.article_survey.id}, ["/help/two", "/help/one"]),
    ]
    for query, expected in [*FILTERED, *of_survey]:
        with subtests.test(query=query):
            assert subjects(api.get(f"/votes?{urlencode(query)}")) == expected
    unknown: list[dict[str, Any]] = [{"agent": value} for value in ("nobody", *LITERAL_VALUES)]
    unknown.append({"survey": four.article_survey.revision})
    for unknown_value in unknown:
        with subtests.test(query=unknown_value):
            refused = api.get(f"/votes?{urlencode(unknown_value)}")
            assert (refused.status_code, refused.get_json()["pointer"]) == (422, f"/{next(iter(unknown_value))}")


@ON_BOTH
def test_recoveries_are_found_while_the_better_answer_is_current(visits: Visits, api: Api, clock: SetClock) -> None:
    once, better, worse, quick, back = (visits.chat(f"c{number}", 1) for number in range(1, 6))
    clock.forward(minutes=2)
    for press in (better, worse, back):
        visits.again(press, 3)
    clock.forward(seconds=1)
    visits.again(worse, 2, rev=3)
    visits.again(quick, 2)
    clock.forward(seconds=1)
    visits.again(quick, 3, rev=3)
    visits.again(back, None, rev=3)

    recoveries = subjects(api.get("/votes?recovery=true"))
    marked_votes = [
        vote["subject"] for vote in api.get("/votes").get_json()["votes"] if (vote["corrected"] or {}).get("recovery")
    ]

    assert recoveries == marked_votes
    assert "c2" in recoveries
    assert not {"c1", "c3", "c5"} & set(recoveries)
    assert subjects(api.get("/votes?recovery=false")) == [
        name for name in ("c5", "c4", "c3", "c2", "c1") if name not in recoveries
    ]


REJECTED = [
    ("since=yesterday", "/since"),
    ("since=2026-03-03T10:00:00", "/since"),
    ("until=2026-03-03T10:00:00", "/until"),
    ("score=good", "/score"),
    ("score=-1", "/score"),
    ("score=3.0", "/score"),
    ("agent=", "/agent"),
    ("agent=a%00", "/agent"),
    ("channel=fax", "/channel"),
    ("survey=1", "/survey"),
    ("subject=", "/subject"),
    ("kind=a%0Ab", "/kind"),
    ("verified=1", "/verified"),
    ("status=lost", "/status"),
    ("recovery=1", "/recovery"),
    ("cursor=x", "/cursor"),
    ("limit=201", "/limit"),
    ("scores=1", "/scores"),
    ("score=1&score=2", "/score"),
]


def test_a_wrong_filter_is_rejected_with_its_pointer(api: Api, subtests: pytest.Subtests) -> None:
    for query, pointer in REJECTED:
        with subtests.test(query=query):
            answer = api.get(f"/votes?{query}")

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)


@ON_BOTH
def test_pages_contain_every_vote_once_while_votes_arrive(four: Visits, api: Api) -> None:
    first = api.get("/votes?limit=2").get_json()
    four.article("/help/three", 2)
    second = api.get(f"/votes?limit=2&cursor={first['next_cursor']}").get_json()

    assert [vote["subject"] for page in (first, second) for vote in page["votes"]] == ALL
    assert second["next_cursor"] is None


def test_a_vote_has_its_subject_and_its_context(four: Visits, api: Api) -> None:
    api.put("/conversations/c2", {"team": "South"})
    api.put("/agents/a2", {"name": "Kimberly"})

    (vote,) = api.get("/votes?subject=c2").get_json()["votes"]

    answer = {"score": 1, "scale": "three", "satisfied": False, "sentiment": "negative", "word": "Bad", "look": "faces"}
    assert vote["answer"] == answer
    context = {name: vote[name] for name in ("kind", "segment", "pin", "agents", "team", "language", "channel")}
    assert context == {
        "kind": "conversation",
        "segment": 1,
        "pin": "m2",
        "agents": ["Kim"],
        "team": "North",
        "language": "da",
        "channel": "email",
    }
    assert (vote["comment"], vote["voted_on"], vote["survey"]) == ("about c2", "2026-03-03", str(four.chat_survey.id))


@ON_BOTH
def test_a_vote_is_read_with_its_history(visits: Visits, api: Api, clock: SetClock) -> None:
    press = visits.chat("c1", 1)
    clock.forward(minutes=2)
    visits.again(press, 3)
    (row,) = api.get("/votes").get_json()["votes"]

    vote = api.get(f"/votes/{row['id']}").get_json()

    history = api.get(f"/votes/{row['id']}/history").get_json()["history"]
    assert [entry["answer"]["score"] for entry in history] == [1, 3]
    assert vote["corrected"]["before"]["score"] == 1
    assert (vote["corrected"]["after_seconds"], vote["corrected"]["recovery"]) == (120, True)
    assert api.get("/conversations/c1").get_json()["segments"][0]["rating"]["answer"]["score"] == 3


def test_a_removed_answer_is_not_in_the_vote(visits: Visits, api: Api) -> None:
    press = visits.chat("c1", 1)
    visits.again(press, None)

    (row,) = api.get("/votes").get_json()["votes"]
    vote = api.get(f"/votes/{row['id']}")

    assert (vote.get_json()["answer"], vote.get_json()["comment"]) == (None, None)
    assert api.get(f"/votes/{row['id']}/history").get_json()["history"] == []
    assert "about c1" not in vote.text


def test_no_response_contains_the_clients_secrets(visits: Visits, api: Api) -> None:
    press = visits.chat("c1", 1)
    visits.article("/help/one", 3)
    votes = api.get("/votes")

    responses = (
        votes.text + api.get(f"/votes/{votes.get_json()['votes'][0]['id']}").text + api.get("/conversations/c1").text
    )
    responses += api.get("/conversations/c1/invitations").text + api.get("/subjects").text

    for secret in (press["target"], press["id"], tokens.digest(press["id"]), "client_hash", "voter", '"token"'):
        assert secret not in responses


def test_another_sites_vote_is_like_a_missing_one(visits: Visits, api: Api, make: Make) -> None:
    visits.chat("c1", 1)
    (row,) = api.get("/votes").get_json()["votes"]
    stranger = Api(api.client, make.site(name="Other").api_key)

    foreign = stranger.get(f"/votes/{row['id']}")
    missing = stranger.get("/votes/01890000-0000-7000-8000-000000000000")

    assert foreign.status_code == 404 and foreign.data == missing.data
    assert subjects(stranger.get("/votes")) == subjects(stranger.get("/votes?subject=c1")) == []


@ON_BOTH
def test_articles_are_listed_with_counts_and_comments(visits: Visits, api: Api) -> None:
    for path, score in (("/help/one", 3), ("/help/one", 1), ("/help/one", 3), ("/help/two", 2)):
        visits.article(path, score)

    answer = api.get("/subjects").get_json()

    counts = {row["subject"]: row["counts"] for row in answer["subjects"]}
    assert counts == {
        "/help/one": {"positive": 2, "neutral": 0, "negative": 1},
        "/help/two": {"positive": 0, "neutral": 1, "negative": 0},
    }
    assert [row["answered"] for row in answer["subjects"]] == [3, 1]
    assert answer["total"] == 2


@ON_BOTH
def test_an_erased_visitors_vote_stays_as_a_count_without_texts(visits: Visits, api: Api) -> None:
    visits.chat("c1", 1, visitor="ann", customer_reference="C-17", custom_fields={"plan": "gold-17"})

    assert api.post("/visitors/ann/erase").get_json() == {"conversations": 1}

    votes = api.get("/votes")
    (vote,) = votes.get_json()["votes"]
    assert (vote["answer"]["score"], vote["comment"], vote["visitor"]) == (1, None, None)
    responses = votes.text + api.get("/conversations").text + api.get(f"/conversations/{vote['subject']}").text
    responses += api.get(f"/conversations/{vote['subject']}/invitations").text
    for word in ("ann", "C-17", "gold-17", "about c1", "Hello"):
        assert f'"{word}"' not in responses
    assert api.post("/visitors/ann/erase").status_code == 404
    assert api.get("/conversations/c1").status_code == 404
