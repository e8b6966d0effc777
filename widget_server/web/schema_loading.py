"""Load request bodies with their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, missing

from ..core.errors import Invalid
from .fields import Strict
from .strict_json import clean_name, parse_json


def parse_body(schema: Schema, data: bytes) -> dict[str, Any]:
    """Return the fields of a JSON body.

    Raises:
        MalformedJson: the body is not JSON.
        Invalid: a field is invalid; the pointer names the first one.
    """
    return load_fields(schema, parse_json(data))


def load_fields(schema: Schema, value: Any) -> dict[str, Any]:
    """Return the fields of a parsed value.

    Raises:
        Invalid: a field is invalid; the pointer names the first one.
    """
    try:
        if isinstance(schema, Strict) and isinstance(value, dict):
            return _load_present_fields(schema, value)
        return _load(schema, value)
    except ValidationError as error:
        raise to_invalid(error.messages) from error


def _load(schema: Schema, value: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = schema.load(value)
    return loaded


def _load_present_fields(schema: Strict, value: dict[str, Any]) -> dict[str, Any]:
    """Return the result of `schema.load`, without its work on each absent field.

    If a field is invalid, the schema itself loads the value, so that messages and their order are the same.
    """
    declared_fields = schema.load_fields
    if not value.keys() <= declared_fields.keys():
        return _load(schema, value)
    try:
        loaded = {name: declared_fields[name].deserialize(item, name, value) for name, item in value.items()}
    except ValidationError:
        return _load(schema, value)
    for name in declared_fields.keys() - loaded.keys():
        field = declared_fields[name]
        if field.required:
            return _load(schema, value)
        default = field.load_default
        if default is not missing:
            loaded[name] = default() if callable(default) else default
    return loaded


def to_invalid(messages: Any) -> Invalid:
    """Return the first message of marshmallow with the JSON pointer to its field."""
    pointer = ""
    while isinstance(messages, Mapping):
        name = next(iter(messages))
        messages = messages[name]
        if name != "_schema":
            pointer += "/" + clean_name(str(name)).replace("~", "~0").replace("/", "~1")
    return Invalid(str(messages[0] if isinstance(messages, list) else messages), pointer=pointer)
