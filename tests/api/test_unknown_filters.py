"""A filter that a route does not have, or an id that the site does not have, is refused and not ignored."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.back_end import Api, done
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import Page

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


def test_a_filter_that_the_route_does_not_have_is_refused(
    api: Api, make: Make, site: MadeSite, subtests: pytest.Subtests
) -> None:
    survey = make.survey(site)
    api.put("/conversations/c1", {})
    for path in (
        "/agents",
        "/surveys",
        f"/surveys/{survey.id}",
        "/site",
        "/languages",
        "/conversations",
        "/conversations/c1",
        "/conversations/c1/invitations",
        "/votes",
        "/subjects",
    ):
        with subtests.test(path):
            assert api.get(path).status_code == 200
            refused = api.get(f"{path}?agnet=sam")
            assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/agnet")
    refused = make.operator().get("/sites?name=x")
    assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/name")


def test_an_unknown_id_in_a_filter_is_refused(api: Api, make: Make, site: MadeSite, subtests: pytest.Subtests) -> None:
    api.put("/agents/sam", {"name": "Sam"})
    survey = make.survey(site)
    stranger = make.survey(make.site(name="Other"))
    for path, pointer in (
        ("/votes?agent=nobody", "/agent"),
        ("/conversations?agent=nobody", "/agent"),
        (f"/votes?survey={UNKNOWN_ID}", "/survey"),
        (f"/votes?survey={stranger.id}", "/survey"),
    ):
        with subtests.test(path):
            refused = api.get(path)
            assert (refused.status_code, refused.get_json()["pointer"]) == (422, pointer)
    for path in ("/votes?agent=sam", "/conversations?agent=sam", f"/votes?survey={survey.id}"):
        with subtests.test(path):
            assert api.get(path).status_code == 200


def test_limits_of_texts_are_those_of_the_document(api: Api, subtests: pytest.Subtests) -> None:
    """Every text of a request has a maximum and allowed characters, and the page names the most used ones."""
    schemas = api.get("/openapi.json").get_json()["components"]["schemas"]
    for schema, field, length in (
        ("MessageIn", "external_id", 200),
        ("MessageIn", "text", 20_000),
        ("ConversationIn", "title", 300),
        ("ConversationIn", "visitor", 200),
        ("AgentIn", "name", 200),
    ):
        with subtests.test(schema=schema, field=field):
            properties = schemas[schema]["properties"][field]
            assert properties["maxLength"] == length and properties["pattern"]


#: Fields of answers with a fixed set of words, wherever they are, and the schemas in which a name has another meaning.
FIXED = {
    "author": set(),
    "channel": set(),
    "credit": set(),
    "dir": set(),
    "kind": set(),
    "look": set(),
    "placement": set(),
    "proof": set(),
    "reason": {"Exclusion", "Reason", "Surge", "Claim"},
    "role": set(),
    "scale": set(),
    "sentiment": set(),
    "source": set(),
    "state": set(),
    "status": set(),
}


def test_every_field_of_an_answer_with_fixed_words_lists_them(api: Api, subtests: pytest.Subtests) -> None:
    schemas = api.get("/openapi.json").get_json()["components"]["schemas"]
    for schema, definition in schemas.items():
        if schema == "Problem" or schema.endswith(("In", "Changes")) or not schema[0].isupper():
            continue
        for name, field in definition.get("properties", {}).items():
            others = FIXED.get(name)
            if others is None or schema.removesuffix("Out") in others or "$ref" in field:
                continue
            with subtests.test(schema=schema, field=name):
                assert "enum" in field, field


def test_since_and_until_take_a_day_or_a_time_of_the_first_press(
    api: Api, client: FlaskClient, make: Make, site: MadeSite, clock: SetClock, subtests: pytest.Subtests
) -> None:
    """A day begins at midnight in the time zone of the site, as in an agent's scores."""
    done(api.patch("/site", {"time_zone": "Asia/Tokyo"}))
    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))
    page = Page(client, site.key, str(make.survey(site, "article").revision))
    done(page.vote({"kind": "article", "subject": "/a"}, 3))
    clock.forward(minutes=1)
    for query, count in (
        ("since=2026-03-03", 1),
        ("since=2026-03-02T15:00:00Z", 1),
        ("since=2026-03-02T15:00:01Z", 0),
        ("since=2026-03-04", 0),
        ("until=2026-03-03", 0),
        ("until=2026-03-04", 1),
        ("since=2026-03-03&until=2026-03-04&changed_since=2026-03-01T00:00:00Z", 1),
    ):
        with subtests.test(query):
            assert len(done(api.get(f"/votes?{query}"))["votes"]) == count
    for query in ("since=2026-02-30", "until=yesterday", "since=0001-01-01"):
        with subtests.test(query):
            refused = api.get(f"/votes?{query}")
            assert (refused.status_code, refused.get_json()["pointer"]) == (422, f"/{query[:5]}")


def test_a_subject_is_found_by_every_address_of_its_page(
    api: Api, client: FlaskClient, make: Make, site: MadeSite, subtests: pytest.Subtests
) -> None:
    page = Page(client, site.key, str(make.survey(site, "article").revision))
    done(page.vote({"kind": "article", "subject": "/guide/index.html"}, 3))
    done(page.vote({"kind": "order", "subject": "17"}, 3))
    for subject, count in (
        ("/guide", 1),
        ("/guide/", 1),
        ("https://shop.example/guide?ref=mail%23top", 1),
        ("17", 1),
        ("/17", 0),
        ("http://[", 0),
    ):
        with subtests.test(subject):
            assert len(done(api.get(f"/votes?subject={quote(subject)}"))["votes"]) == count


def test_words_of_answers_are_enumerated_in_the_openapi_document(api: Api) -> None:
    schemas = api.get("/openapi.json").get_json()["components"]["schemas"]
    for schema, field in (("RatingOut", "status"), ("AnswerOut", "sentiment"), ("AnswerOut", "scale")):
        name = next(name for name in schemas if name in (schema, schema.removesuffix("Out")))
        assert len(schemas[name]["properties"][field]["enum"]) >= 3, (schema, field)
