"""Tests of the list of conversations: its order, its pages and its filters."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock


@ON_BOTH
def test_the_list_has_pages_with_the_latest_first(api: Api, clock: SetClock) -> None:
    for number in range(7):
        clock.forward(seconds=1)
        api.put(f"/conversations/c{number}", {})

    pages, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/conversations?limit=3{f'&cursor={cursor}' if cursor else ''}").get_json()
        pages.append([row["external_id"] for row in page["conversations"]])
        cursor = page["next_cursor"]

    assert pages == [["c6", "c5", "c4"], ["c3", "c2", "c1"], ["c0"]]


@ON_BOTH
def test_the_list_is_filtered_by_status(api: Api, make: Make, site: MadeSite) -> None:
    make.survey(site)
    for name, authors in (("open", []), ("waiting", ["visitor", "agent"]), ("silent", ["agent"])):
        chat = Chat(api, name)
        chat.put()
        for author in authors:
            chat.write(author)
        if authors:
            chat.end()

    def list_by_status(status: str) -> dict[str, Any]:
        rows = api.get(f"/conversations?status={status}").get_json()["conversations"]
        return {row["external_id"]: (row["status"], row["reason"]) for row in rows}

    assert list_by_status("waiting") == {"waiting": ("waiting", None)}
    assert list_by_status("not_asked") == {"silent": ("not_asked", "no_visitor_message")}
    assert list_by_status("negative") == {}
    assert set(list_by_status("all")) == {"open", "waiting", "silent"}


REJECTED = [
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


def test_a_wrong_query_is_rejected_with_its_pointer(api: Api, subtests: pytest.Subtests) -> None:
    for query, pointer in REJECTED:
        with subtests.test(query=query):
            answer = api.get(f"/conversations?{query}")

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
