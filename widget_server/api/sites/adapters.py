"""Which chats made by others a site's pages listen to, and what each can be told: see docs/guides/chats.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate

from ...web.fields import Boolean, Integer, Nested, Strict, Text

MAX_TARGET_LENGTH = 400
Option = Callable[[], fields.Field[Any]]


def _target() -> Text:
    return Text(
        max_length=MAX_TARGET_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "CSS selector of where the faces appear."},
    )


def _field() -> Text:
    check = validate.Regexp(r"[A-Za-z0-9_-]+\Z", error="Give letters, digits, - and _ alone.")
    what = "Under this name the product gets the hash of the visitor's browser."
    return Text(max_length=40, min_length=1, line=True, validate=[check], metadata={"description": what})


def _idle_minutes() -> Integer:
    return Integer(
        min_value=1, max_value=1440, metadata={"description": "After so many minutes of silence the chat is over."}
    )


def _scope() -> Text:
    check = validate.Regexp(r"\w+\Z", error="Give letters, digits and _ alone.")
    return Text(
        max_length=40, min_length=1, line=True, validate=[check], metadata={"description": "The vendor's `scope`."}
    )


def _event(what: str, *, required: bool = False) -> Option:
    check = validate.Regexp(r"(?!tilfreds:)", error="An event of ours ends in a circle: name one of the chat's own.")
    meaning = {"description": f"The name of the DOM event that says: {what}."}
    return lambda: Text(max_length=100, min_length=1, line=True, validate=[check], required=required, metadata=meaning)


def _path() -> Text:
    check = validate.Regexp(r"[\w$]+(\.[\w$]+)*\Z", error="Give a path such as detail.conversation.id.")
    return Text(
        max_length=200,
        min_length=1,
        line=True,
        validate=[check],
        metadata={"description": "Where in its event the chat's id is."},
    )


def _csat() -> Boolean:
    return Boolean(metadata={"description": "Take the product's own survey as the end."})


def _token() -> Boolean:
    return Boolean(metadata={"description": "Set the hash of the visitor's browser as the product's user token."})


#: What each adapter of static/src/adapters can be told.
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
        "start": _event("the visitor began", required=True),
        "message": _event("somebody wrote"),
        "end": _event("the chat is over"),
        "conversation": _path,
        "idle_minutes": _idle_minutes,
    },
}


def _adapter(name: str, options: dict[str, Option]) -> fields.Field[Any]:
    made = {option: make() for option, make in {"target": _target, **options}.items()}
    return Nested(Strict.from_dict(made, name=f"{name.title()}Adapter"))


Adapters = Strict.from_dict({name: _adapter(name, options) for name, options in OPTIONS.items()}, name="Adapters")
