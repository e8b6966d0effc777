"""A filter that a route does not have, or an id that the site does not have, is refused and not ignored."""

from __future__ import annotations

import pytest

from tests.back_end import Api
from tests.factories import MadeSite, Make

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


def test_words_of_answers_are_enumerated_in_the_openapi_document(api: Api) -> None:
    schemas = api.get("/openapi.json").get_json()["components"]["schemas"]
    for schema, field in (("RatingOut", "status"), ("AnswerOut", "sentiment"), ("AnswerOut", "scale")):
        name = next(name for name in schemas if name in (schema, schema.removesuffix("Out")))
        assert len(schemas[name]["properties"][field]["enum"]) >= 3, (schema, field)
