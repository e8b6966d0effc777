"""Schemas of languages and the widget's texts."""

from __future__ import annotations

from marshmallow import fields, validate

from ..fields import Out

STATUSES = ("reviewed", "machine")
DIRECTIONS = ("ltr", "rtl")


class LanguageOut(Out):
    """A language of the widget."""

    code = fields.String(metadata={"description": "Code for a site's `languages` and the tag's `lang`."})
    name = fields.String(metadata={"description": "Name in the language itself."})
    status = fields.String(
        validate=validate.OneOf(STATUSES),
        metadata={"description": "`reviewed` by a speaker, or `machine`: translated and not reviewed yet."},
    )
    dir = fields.String(validate=validate.OneOf(DIRECTIONS), metadata={"description": "Writing direction."})


class LanguagesOut(Out):
    """All languages, sorted by code."""

    languages = fields.List(fields.Nested(LanguageOut))


class WidgetTextOut(Out):
    """A text of the widget."""

    key = fields.String(metadata={"description": "Key in a site's `texts`."})
    default = fields.String(metadata={"description": "Default text; the chosen label replaces `{}`, which must stay."})
    own = fields.String(allow_none=True, metadata={"description": "The site's text in exactly this language, or null."})
    longest = fields.Integer(metadata={"description": "Maximum number of characters of the site's text."})


class LanguageTextsOut(LanguageOut):
    """A language with all texts of the widget."""

    texts = fields.List(fields.Nested(WidgetTextOut), metadata={"description": "Texts in the order of their use."})
