"""The API's own document, OpenAPI 3.1, made from the views that answer: their schemas, doors and first lines."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from flask import Flask
from flask_smorest import Api
from marshmallow import Schema, fields

from ..base import MAX_ID_LENGTH, ExternalId, Resource
from ..fields import Out

OPENAPI_VERSION = "3.1.0"
ABOUT = (
    "What the owner's back end tells Tilfreds, and what it reads. Bodies are JSON, `Content-Type: application/json`;"
    " unknown fields are refused. Every error is an RFC 9457 problem with a stable `code`, and a `pointer` (RFC 6901)"
    " where one field is wrong. Ids of the owner stand in addresses percent-encoded, slashes too."
)
SECURITY = {
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `tfk_…`: it is of one site, and may read, write or both.",
    },
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of the server's operator, `tfo_…`, from `tilfreds operator-token`; for 15 minutes.",
    },
}
EXTERNAL_ID = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_ID_LENGTH,
    "description": "The owner's own id: any UTF-8 without control characters, percent-encoded.",
}
#: What the library documents by itself and we do not have.
FOREIGN = ("PaginationMetadata",)


class Problem(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "A stable word for programs."})
    detail = fields.String(required=True, metadata={"description": "A sentence for people."})
    pointer = fields.String(metadata={"description": "The field that is wrong."})


class Document(Api):
    """The library's document without its error handlers: problems are made in problems.py alone."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """None."""


def document(app: Flask, resources: list[Resource]) -> dict[str, Any]:
    """The whole document."""
    info = {"title": "Tilfreds", "version": version("tilfreds"), "openapi_version": OPENAPI_VERSION}
    about = {"info": {"description": ABOUT}, "servers": [{"url": app.config["PUBLIC_URL"]}]}
    api = Document(app, spec_kwargs={**info, **about})
    api.register_converter(ExternalId, lambda converter: EXTERNAL_ID)
    for resource in resources:
        resource.register_views_in_doc(api, app, api.spec, name=resource.name, parameters=None)
        api.spec.tag({"name": resource.name, "description": resource.description})
    made = api.spec.to_dict()
    made["components"]["securitySchemes"] = SECURITY
    for name in FOREIGN:
        made["components"]["schemas"].pop(name, None)
    name_problems(made)
    add_access_policies(app, made)
    promise_fields(made["components"]["schemas"])
    return made


def name_problems(made: dict[str, Any]) -> None:
    """Errors have a content type of their own."""
    for response in made["components"]["responses"].values():
        response["content"]["application/problem+json"] = response["content"].pop("application/json")


def add_access_policies(app: Flask, made: dict[str, Any]) -> None:
    """Who may call, as the view itself declares it."""
    for rule in app.url_map.iter_rules():
        path = made["paths"].get(path_of(str(rule)))
        if path is None:
            continue
        who, access = vars(app.view_functions[rule.endpoint])["access_policy"]
        for method in (rule.methods or set()) & {name.upper() for name in path}:
            operation = path[method.lower()]
            operation["operationId"] = rule.endpoint.replace(".", "_")
            operation["security"] = [{who: []}] if who in SECURITY else []
            operation["x-access"] = access


def path_of(rule: str) -> str:
    """`/votes/<uuid:vote_id>` as the document writes it."""
    parts = (part.rpartition(":")[2] for part in rule.replace(">", "}").replace("<", "{<").split("{<"))
    first = next(parts)
    return first + "".join(f"{{{part}" for part in parts)


def promise_fields(schemas: dict[str, Any]) -> None:
    """An answer always has all of its fields."""
    for answer in below(Out):
        if answer.__name__ in schemas:
            schemas[answer.__name__]["required"] = list(schemas[answer.__name__].get("properties", {}))


def below(base: type[Schema]) -> Iterator[type[Schema]]:
    for made in base.__subclasses__():
        yield made
        yield from below(made)
