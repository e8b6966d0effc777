"""Reading a body by its schema: the fields, or the problem with the first that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, missing

from ..core.errors import Invalid
from .fields import Strict
from .strict_json import clean_name, parse


def parse_body(schema: Schema, data: bytes) -> dict[str, Any]:
    """The fields of a JSON body, or the problem with it."""
    return load_fields(schema, parse(data))


def load_fields(schema: Schema, value: Any) -> dict[str, Any]:
    """The fields of a parsed value; `Invalid` with a pointer to the first that is wrong."""
    try:
        if isinstance(schema, Strict) and isinstance(value, dict):
            return _load_given(schema, value)
        return _load(schema, value)
    except ValidationError as error:
        raise to_invalid(error.messages) from error


def _load(schema: Schema, value: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = schema.load(value)
    return loaded


def _load_given(schema: Strict, value: dict[str, Any]) -> dict[str, Any]:
    """What `schema.load` gives, by the schema's own fields, without its work on each field that is not there.

    Whatever is wrong is left to the schema itself, so that its words and their order are the same.
    """
    declared = schema.load_fields
    if not value.keys() <= declared.keys():
        return _load(schema, value)
    try:
        loaded = {name: declared[name].deserialize(given, name, value) for name, given in value.items()}
    except ValidationError:
        return _load(schema, value)
    for name in declared.keys() - loaded.keys():
        field = declared[name]
        if field.required:
            return _load(schema, value)
        default = field.load_default
        if default is not missing:
            loaded[name] = default() if callable(default) else default
    return loaded


def to_invalid(messages: Any) -> Invalid:
    """The first of marshmallow's messages with the pointer to its field."""
    pointer = ""
    while isinstance(messages, Mapping):
        name = next(iter(messages))
        messages = messages[name]
        if name != "_schema":
            pointer += "/" + clean_name(str(name)).replace("~", "~0").replace("/", "~1")
    return Invalid(str(messages[0] if isinstance(messages, list) else messages), pointer=pointer)
