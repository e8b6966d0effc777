"""The API's OpenAPI 3.1 document, generated from the views: their schemas, access policies and docstrings."""

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
    "The API for the owner's back end. Bodies are JSON, `Content-Type: application/json`; unknown fields are rejected."
    " Every error is an RFC 9457 problem with a stable `code`, and with a `pointer` (RFC 6901) if one field is wrong."
    " Ids of the owner are percent-encoded in addresses, slashes included."
)
SECURITY = {
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `tfk_…`. It belongs to one site, and may read, write or both.",
    },
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "An operator token, `tfo_…`, from `tilfreds operator-token`. It is valid for 15 minutes.",
    },
}
EXTERNAL_ID = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_ID_LENGTH,
    "description": "The owner's id: UTF-8 without control characters, percent-encoded.",
}
#: Schemas that flask-smorest always adds and this API does not use.
UNUSED_SCHEMAS = ("PaginationMetadata",)


class Problem(Schema):
    """An error response (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable code for programs."})
    detail = fields.String(required=True, metadata={"description": "Sentence for people."})
    pointer = fields.String(metadata={"description": "JSON pointer to the wrong field."})


class Document(Api):
    """The document of flask-smorest without its error handlers: only problems.py creates problems."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Register no handlers."""


def create_document(app: Flask, resources: list[Resource]) -> dict[str, Any]:
    """Return the OpenAPI document of these resources."""
    info = {"title": "Tilfreds", "version": version("tilfreds"), "openapi_version": OPENAPI_VERSION}
    about = {"info": {"description": ABOUT}, "servers": [{"url": app.config["PUBLIC_URL"]}]}
    api = Document(app, spec_kwargs={**info, **about})
    api.register_converter(ExternalId, lambda converter: EXTERNAL_ID)
    for resource in resources:
        resource.register_views_in_doc(api, app, api.spec, name=resource.name, parameters=None)
        api.spec.tag({"name": resource.name, "description": resource.description})
    document = api.spec.to_dict()
    document["components"]["securitySchemes"] = SECURITY
    for name in UNUSED_SCHEMAS:
        document["components"]["schemas"].pop(name, None)
    set_problem_type(document)
    describe_operations(app, document)
    require_response_fields(document["components"]["schemas"])
    return document


def set_problem_type(document: dict[str, Any]) -> None:
    """Change the content type of error responses to `application/problem+json`."""
    for response in document["components"]["responses"].values():
        response["content"]["application/problem+json"] = response["content"].pop("application/json")


def describe_operations(app: Flask, document: dict[str, Any]) -> None:
    """Add the access policy of each view, and remove the period of its summary, which is a title here."""
    for rule in app.url_map.iter_rules():
        path = document["paths"].get(path_of(str(rule)))
        if path is None:
            continue
        principal, access = vars(app.view_functions[rule.endpoint])["access_policy"]
        for method in (rule.methods or set()) & {name.upper() for name in path}:
            operation = path[method.lower()]
            operation["summary"] = operation["summary"].removesuffix(".")
            operation["operationId"] = rule.endpoint.replace(".", "_")
            operation["security"] = [{principal: []}] if principal in SECURITY else []
            operation["x-access"] = access


def path_of(rule: str) -> str:
    """Return a URL rule such as `/votes/<uuid:vote_id>` as a path of the document."""
    parts = (part.rpartition(":")[2] for part in rule.replace(">", "}").replace("<", "{<").split("{<"))
    first = next(parts)
    return first + "".join(f"{{{part}" for part in parts)


def require_response_fields(schemas: dict[str, Any]) -> None:
    """Mark all fields of responses as required, because a response always has all of them."""
    for response_schema in subclasses_of(Out):
        name = response_schema.__name__
        if name in schemas:
            schemas[name]["required"] = list(schemas[name].get("properties", {}))


def subclasses_of(base: type[Schema]) -> Iterator[type[Schema]]:
    """Yield the direct and indirect subclasses of a schema."""
    for subclass in base.__subclasses__():
        yield subclass
        yield from subclasses_of(subclass)
