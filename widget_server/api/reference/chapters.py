"""The OpenAPI document arranged for a page: chapters of calls, each with what it takes and gives as flat lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

METHODS = ("get", "put", "post", "patch", "delete")
DEEPEST = 6
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Line:
    """A field: its path within the body, its kind in words, and what it means."""

    name: str
    kind: str
    needed: bool
    meaning: str


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    title: str
    text: str
    caller: str
    access: str
    takes: list[Line]
    gives: list[Line]
    status: str

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path}".replace("/", "-").replace("{", "").replace("}", "").lower()


@dataclass(frozen=True)
class Chapter:
    name: str
    text: str
    calls: list[Call] = field(default_factory=list)


def marked(text: str) -> Markup:
    """Our own sentences, with what stands between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704


def chapters(document: dict[str, Any]) -> list[Chapter]:
    """In the order of the document's tags."""
    made = {tag["name"]: Chapter(tag["name"], tag["description"]) for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                made[operation["tags"][0]].calls.append(to_call(document, method, path, item, operation))
    return list(made.values())


def to_call(document: dict[str, Any], method: str, path: str, item: dict[str, Any], operation: dict[str, Any]) -> Call:
    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    status = next(code for code in operation["responses"] if code.startswith("2"))
    answer = operation["responses"][status].get("content", {}).get("application/json", {}).get("schema")
    return Call(
        method=method.upper(),
        path=path,
        title=operation.get("summary", ""),
        text=operation.get("description", ""),
        caller=" or ".join(name for way in operation["security"] for name in way).replace("_", " ") or "anyone",
        access=operation["x-access"],
        takes=[*map(to_parameter, parameters), *(lines(document, body) if body else [])],
        gives=list(lines(document, answer)) if answer else [],
        status=status,
    )


def to_parameter(parameter: dict[str, Any]) -> Line:
    schema = parameter["schema"]
    meaning = parameter.get("description") or schema.get("description", "")
    return Line(f"{parameter['name']} ({parameter['in']})", kind_of(schema), parameter.get("required", False), meaning)


def lines(document: dict[str, Any], schema: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Line]:
    """The fields of an object, those of objects within it after their own."""
    schema = resolved(document, schema)
    for choice in schema.get("oneOf", []):
        yield from lines(document, choice, prefix, depth)
    needed = schema.get("required", [])
    for name, given in schema.get("properties", {}).items():
        inner = resolved(document, given)
        meaning = given.get("description") or inner.get("description", "")
        yield Line(prefix + name, kind_of(inner), name in needed, meaning)
        if depth < DEEPEST:
            held = inner.get("items") or inner.get("additionalProperties") or inner
            mark = "[]." if "items" in inner else ".*." if isinstance(inner.get("additionalProperties"), dict) else "."
            if isinstance(held, dict):
                yield from lines(document, held, f"{prefix}{name}{mark}", depth + 1)


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference, or a reference that may be null, stands for."""
    for choice in schema.get("anyOf", []) or schema.get("allOf", []):
        if "$ref" in choice:
            schema = choice
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def kind_of(schema: dict[str, Any]) -> str:
    """text, whole number, moment …, with its limits."""
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
    ("string", "date-time"): "moment",
    ("string", "date"): "day",
    ("integer", ""): "whole number",
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
