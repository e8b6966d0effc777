"""The titles of problem documents are HTTP's own phrases (RFC 9457, section 4.2.1)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask

from widget_server.web.problems import TITLES, problem

#: RFC 9110 renamed both; Python has the new phrases from 3.13.
RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}


def test_titles_are_http_phrases() -> None:
    assert {status: RENAMED.get(status, HTTPStatus(status).phrase) for status in TITLES} == TITLES


def test_a_status_outside_the_table_has_its_phrase_too(app: Flask) -> None:
    with app.test_request_context():
        assert problem(410, "gone", "It was removed.").get_json()["title"] == "Gone"
