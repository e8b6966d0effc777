"""The OpenAPI document as chapters of operations, with flat lists of their fields, for the reference page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

METHODS = ("get", "put", "post", "patch", "delete")
MAX_DEPTH = 6
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Line:
    """A field: its path within the body, its kind in words, and its description."""

    name: str
    kind: str
    is_required: bool
    meaning: str


@dataclass(frozen=True)
class Call:
    """An operation of the API with the fields that it takes and returns."""

    method: str
    path: str
    title: str
    text: str
    caller: str
    access: str
    request_fields: list[Line]
    response_fields: list[Line]
    status: str

    @property
    def anchor(self) -> str:
        """Return the id of its element in the page."""
        return f"{self.method}-{self.path}".replace("/", "-").replace("{", "").replace("}", "").lower()


@dataclass(frozen=True)
class Chapter:
    """The operations of one tag of the document."""

    name: str
    text: str
    calls: list[Call] = field(default_factory=list)


def to_markup(text: str) -> Markup:
    """Return a sentence of the document as HTML, with text in backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704


def to_chapters(document: dict[str, Any]) -> list[Chapter]:
    """Return the chapters of a document, in the order of its tags."""
    chapters = {tag["name"]: Chapter(tag["name"], tag["description"]) for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                chapters[operation["tags"][0]].calls.append(to_call(document, method, path, item, operation))
    return list(chapters.values())


def to_call(document: dict[str, Any], method: str, path: str, item: dict[str, Any], operation: dict[str, Any]) -> Call:
    """Return an operation with its parameters and the fields of its bodies."""
    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    status = next(code for code in operation["responses"] if code.startswith("2"))
    response_schema = operation["responses"][status].get("content", {}).get("application/json", {}).get("schema")
    return Call(
        method=method.upper(),
        path=path,
        title=operation.get("summary", ""),
        text=operation.get("description", ""),
        caller=" or ".join(name for way in operation["security"] for name in way).replace("_", " ") or "anyone",
        access=operation["x-access"],
        request_fields=[*map(to_parameter, parameters), *(to_lines(document, body) if body else [])],
        response_fields=list(to_lines(document, response_schema)) if response_schema else [],
        status=status,
    )


def to_parameter(parameter: dict[str, Any]) -> Line:
    """Return the line of a path or query parameter."""
    schema = parameter["schema"]
    meaning = parameter.get("description") or schema.get("description", "")
    return Line(f"{parameter['name']} ({parameter['in']})", kind_of(schema), parameter.get("required", False), meaning)


def to_lines(document: dict[str, Any], schema: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Line]:
    """Yield the fields of an object, each followed by the fields of the object in it."""
    schema = resolve_reference(document, schema)
    for choice in schema.get("oneOf", []):
        yield from to_lines(document, choice, prefix, depth)
    required = schema.get("required", [])
    for name, field_schema in schema.get("properties", {}).items():
        inner = resolve_reference(document, field_schema)
        meaning = field_schema.get("description") or inner.get("description", "")
        yield Line(prefix + name, kind_of(inner), name in required, meaning)
        if depth < MAX_DEPTH:
            content = inner.get("items") or inner.get("additionalProperties") or inner
            mark = "[]." if "items" in inner else ".*." if isinstance(inner.get("additionalProperties"), dict) else "."
            if isinstance(content, dict):
                yield from to_lines(document, content, f"{prefix}{name}{mark}", depth + 1)


def resolve_reference(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a reference, or a nullable reference, refers to."""
    for choice in schema.get("anyOf", []) or schema.get("allOf", []):
        if "$ref" in choice:
            schema = choice
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def kind_of(schema: dict[str, Any]) -> str:
    """Return the kind of a field in words, such as text, integer or timestamp, with its limits."""
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    words = [KINDS.get((kind, schema.get("format", ""))) or KINDS.get((kind, ""), kind) for kind in kinds]
    if "enum" in schema:
        return ", ".join(str(word) for word in schema["enum"] if word is not None)
    limits = [f"{text} {schema[name]}" for name, text in LIMITS.items() if name in schema]
    return " or ".join(words) + (f" ({', '.join(limits)})" if limits else "")


KINDS = {
    ("string", ""): "text",
    ("string", "uuid"): "id",
    ("string", "date-time"): "timestamp",
    ("string", "date"): "date",
    ("integer", ""): "integer",
    ("number", ""): "number",
    ("boolean", ""): "true or false",
    ("array", ""): "list",
    ("object", ""): "object",
}
LIMITS = {
    "minLength": "from",
    "maxLength": "up to",
    "minimum": "from",
    "maximum": "up to",
    "minItems": "from",
    "maxItems": "up to",
}
