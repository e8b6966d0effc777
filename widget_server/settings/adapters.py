"""The adapters for other vendors' chats and their options: see docs/guides/chats.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate

from ..web.fields import Boolean, Integer, Nested, Strict, Text

MAX_TARGET_LENGTH = 400
Option = Callable[[], fields.Field[Any]]


def _target() -> Text:
    return Text(
        max_length=MAX_TARGET_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "CSS selector of the element that shows the card."},
    )


def _field() -> Text:
    check = validate.Regexp(r"[A-Za-z0-9_-]+\Z", error="Field must contain only letters, digits, - and _.")
    description = "Name of the product's field that receives the hash of the visitor's browser."
    return Text(max_length=40, min_length=1, line=True, validate=[check], metadata={"description": description})


def _idle_minutes() -> Integer:
    return Integer(
        min_value=1, max_value=1440, metadata={"description": "Minutes without a message after which the chat ends."}
    )


def _scope() -> Text:
    check = validate.Regexp(r"\w+\Z", error="Scope must contain only letters, digits and _.")
    return Text(
        max_length=40, min_length=1, line=True, validate=[check], metadata={"description": "The vendor's `scope`."}
    )


def _event(condition: str, *, required: bool = False) -> Option:
    check = validate.Regexp(
        r"(?!tilfreds:)", error="Event names starting with tilfreds: are reserved; use an event of the chat."
    )
    metadata = {"description": f"Name of the DOM event that the chat sends when {condition}."}
    return lambda: Text(max_length=100, min_length=1, line=True, validate=[check], required=required, metadata=metadata)


def _path() -> Text:
    check = validate.Regexp(r"[\w$]+(\.[\w$]+)*\Z", error="Path must have the form detail.conversation.id.")
    return Text(
        max_length=200,
        min_length=1,
        line=True,
        validate=[check],
        metadata={"description": "Path of the chat's id in the event."},
    )


def _csat() -> Boolean:
    return Boolean(metadata={"description": "Treat the product's own survey as the end of the chat."})


def _token() -> Boolean:
    return Boolean(metadata={"description": "Set the hash of the visitor's browser as the product's user token."})


#: The options of each adapter in static/src/adapters.
OPTIONS: dict[str, dict[str, Option]] = {
    "rocketchat": {"field": _field},
    "tawk": {"field": _field},
    "livechat": {"field": _field},
    "hubspot": {},
    "livehelperchat": {"scope": _scope},
    "zammad": {},
    "chatwoot": {"field": _field, "csat": _csat, "idle_minutes": _idle_minutes},
    "crisp": {"field": _field, "idle_minutes": _idle_minutes},
    "zendesk": {"field": _field},
    "jivo": {"token": _token},
    "botframework": {},
    "typebot": {},
    "deepchat": {"idle_minutes": _idle_minutes},
    "dom": {
        "start": _event("the visitor starts it", required=True),
        "message": _event("it has a new message"),
        "end": _event("it ends"),
        "conversation": _path,
        "idle_minutes": _idle_minutes,
    },
}


def _adapter(name: str, options: dict[str, Option]) -> fields.Field[Any]:
    option_fields = {option: create_field() for option, create_field in {"target": _target, **options}.items()}
    return Nested(Strict.from_dict(option_fields, name=f"{name.title()}Adapter"))


Adapters = Strict.from_dict({name: _adapter(name, options) for name, options in OPTIONS.items()}, name="Adapters")
