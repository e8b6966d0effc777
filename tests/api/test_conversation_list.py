"""The list of conversations: latest first, page by page, narrowed by what became of the asking."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock


@ON_BOTH
def test_the_list_is_read_page_by_page_latest_first(api: Api, clock: SetClock) -> None:
    for number in range(7):
        clock.forward(seconds=1)
        api.put(f"/conversations/c{number}", {})

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/conversations?limit=3{f'&cursor={cursor}' if cursor else ''}").get_json()
        seen.append([row["external_id"] for row in page["conversations"]])
        cursor = page["next_cursor"]

    assert seen == [["c6", "c5", "c4"], ["c3", "c2", "c1"], ["c0"]]


@ON_BOTH
def test_the_list_can_be_narrowed_by_what_became_of_the_asking(api: Api, make: Make, site: MadeSite) -> None:
    make.survey(site)
    for name, authors in (("open", []), ("waiting", ["visitor", "agent"]), ("silent", ["agent"])):
        chat = Chat(api, name)
        chat.put()
        for author in authors:
            chat.write(author)
        if authors:
            chat.end()

    def listed(status: str) -> dict[str, Any]:
        rows = api.get(f"/conversations?status={status}").get_json()["conversations"]
        return {row["external_id"]: (row["status"], row["reason"]) for row in rows}

    assert listed("waiting") == {"waiting": ("waiting", None)}
    assert listed("not_asked") == {"silent": ("not_asked", "no_visitor_message")}
    assert listed("negative") == {}
    assert set(listed("all")) == {"open", "waiting", "silent"}


REFUSED = [
    ("cursor=", "/cursor"),
    ("cursor=AAAA", "/cursor"),
    ("cursor=%00", "/cursor"),
    ("cursor=MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OX4wMTkyMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA", "/cursor"),
    ("limit=0", "/limit"),
    ("limit=1000", "/limit"),
    ("limit=1.0", "/limit"),
    ("limit=%D9%A1", "/limit"),
    ("limit=1&limit=2", "/limit"),
    ("status=good", "/status"),
    ("sort=title", "/sort"),
]


def test_a_wrong_query_is_refused_by_name(api: Api, subtests: pytest.Subtests) -> None:
    for query, pointer in REFUSED:
        with subtests.test(query=query):
            answer = api.get(f"/conversations?{query}")

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
