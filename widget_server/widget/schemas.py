"""What pages send. Unknown fields are refused; every door validates with these."""

from __future__ import annotations

import re

from marshmallow import fields, validate

from ..schemas import Items, Key, Strict, Table, Text, Whole

MOST_COMMENT = 4_000
#: Any age is taken and then clamped: a press is not lost because a visitor's clock jumped by decades.
LONGEST_AGE_MS = 2**53
SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")
_PATH = {"most": 500, "load_default": None, "allow_none": True}


def _secret(**settings: object) -> Text:
    check = validate.Regexp(SECRET, error="Give 128 random bits as 22 characters of base64url.")
    return Text(most=22, least=22, validate=[check], **settings)  # type: ignore[arg-type]


def _language() -> Text:
    check = validate.Regexp(LANGUAGE, error="Give a language tag such as en or pt-BR.")
    return Text(most=35, validate=[check], load_default=None, allow_none=True)


class Proof(Strict):
    """What may prove a page's words."""

    visitor = Text(most=200, line=True, load_default=None, allow_none=True)
    signature = Text(most=200, line=True, load_default=None, allow_none=True)
    expires = Whole(low=0, high=2**53, load_default=None, allow_none=True)


class EndedBody(Proof):
    """`ended` and `poll`."""

    conversation = Text(most=200, least=1, line=True, load_default=None, allow_none=True)
    browser = _secret(load_default=None, allow_none=True)
    revisions = Items(Key(), most=50, load_default=list)
    page = Text(**_PATH)  # type: ignore[arg-type]
    lang = _language()


class MarkBody(Strict):
    """`seen` and `dismissed`."""

    token = Text(most=100, line=True, load_default=None)
    kind = Text(most=40, least=1, line=True, load_default=None)
    subject = Text(most=500, least=1, line=True, load_default=None)
    page = Text(**_PATH)  # type: ignore[arg-type]


class VoteBody(Proof):
    """`votes`: a target, and the full answer so far."""

    token = Text(most=100, line=True, load_default=None)
    kind = Text(most=40, least=1, line=True, load_default=None)
    subject = Text(most=500, least=1, line=True, load_default=None)
    id = _secret(required=True)
    rev = Whole(low=1, high=1_000_000, required=True)
    age_ms = Whole(low=0, high=LONGEST_AGE_MS, load_default=0)
    revision = Key(required=True)
    score = Whole(low=-1_000, high=1_000, required=True, allow_none=True)
    reasons = Items(Text(most=60, least=1, line=True), most=20, load_default=list)
    answers = Table(Text(most=60, least=1, line=True), fields.Raw(), most=0, load_default=dict)
    comment = Text(most=MOST_COMMENT, load_default=None, allow_none=True)
    page = Text(**_PATH)  # type: ignore[arg-type]
    lang = _language()
