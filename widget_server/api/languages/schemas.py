"""A language as the API reads it out."""

from __future__ import annotations

from marshmallow import fields, validate

from ..fields import Out

STATUSES = ("reviewed", "machine")
DIRECTIONS = ("ltr", "rtl")


class LanguageOut(Out):
    """One language of the widget."""

    code = fields.String(metadata={"description": "As a site's `languages` and the tag's `lang` name it."})
    name = fields.String(metadata={"description": "In the language itself."})
    status = fields.String(
        validate=validate.OneOf(STATUSES),
        metadata={"description": "`reviewed` by a speaker, or `machine`: nobody has read it yet."},
    )
    dir = fields.String(validate=validate.OneOf(DIRECTIONS), metadata={"description": "Which way it is written."})


class LanguagesOut(Out):
    """All of them, by code."""

    languages = fields.List(fields.Nested(LanguageOut))


class WidgetTextOut(Out):
    """One thing that the widget says."""

    key = fields.String(metadata={"description": "As a site's `texts` name it."})
    default = fields.String(metadata={"description": "Ours; `{}` stands for the chosen label and has to stay."})
    own = fields.String(allow_none=True, metadata={"description": "The site's own in just this language, else null."})
    longest = fields.Integer(metadata={"description": "Characters that a text of the site's own may have."})


class LanguageTextsOut(LanguageOut):
    """A language with all that the widget says in it."""

    texts = fields.List(fields.Nested(WidgetTextOut), metadata={"description": "In the order in which they are said."})
