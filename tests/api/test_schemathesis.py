"""Tests of every operation with requests generated from the OpenAPI document: no 500, no undocumented response."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.back_end import Api
from tests.databases import ON_POSTGRESQL
from tests.factories import MadeSite, Make
from tests.sample_site import SampleSite, build

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Each request has a key of the test, so a generated wrong key would only repeat a valid request.
CONFIG = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
EXAMPLES = 6
#: With an unknown id nearly every response is the same 404, by code that the operations share.
STRANGE_EXAMPLES = 3
#: These would delete what the other operations need.
LAST = ("DELETE /api/v1/sites/{key}", "POST /api/v1/visitors/{external_id}/erase")


@pytest.fixture
def world(app: Flask, client: FlaskClient, api: Api, make: Make, site: MadeSite) -> SampleSite:
    return build(app, client, api, make, site)


@ON_POSTGRESQL
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("own", [True, False], ids=["own", "any"])
def test_responses_match_the_document(app: Flask, world: SampleSite, mode: GenerationMode, own: bool) -> None:
    calls = [operation for operation in operations(app) if has_requests(operation, mode, own)]
    assert len(calls) > 20

    for operation in sorted(calls, key=lambda operation: operation.label in LAST):
        try_out(operation, world, mode, own)


@functools.cache
def operations(app: Flask) -> list[Any]:
    """Return the operations of the document, cached because their generators cost more than their requests."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=CONFIG)
    return [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]


def has_requests(operation: Any, mode: GenerationMode, own: bool) -> bool:
    """Return whether this run can generate a request: an unknown id, or a value that can be wrong."""
    id_schemas = [] if own else [parameter.definition["schema"] for parameter in operation.path_parameters]
    if not own and not id_schemas:
        return False
    is_id_limited = any(schema.keys() & {"format", "maxLength"} for schema in id_schemas)
    return mode == GenerationMode.POSITIVE or is_id_limited or bool(operation.body or operation.query)


def try_out(operation: Any, world: SampleSite, mode: GenerationMode, own: bool) -> None:
    """Send a few requests of one operation; with `own` the ids in the path exist."""
    (principal,) = operation.definition.raw["security"][0]
    headers = {"Authorization": f"Bearer {world.bearers[principal]}"}
    endpoint = operation.definition.raw["operationId"].replace("_", ".", 1)
    names = [parameter.name for parameter in operation.path_parameters]
    values = {name: world.own.get(f"{endpoint}.{name}", world.own[name]) for name in names} if own else None

    @settings(
        max_examples=EXAMPLES if own else STRANGE_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=values))
    def once(case: Any) -> None:
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    once()
