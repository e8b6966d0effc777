"""Schemas of sites."""

from __future__ import annotations

from marshmallow import fields

from ...core import redaction
from ...settings.schemas import MAX_NAME_LENGTH, Placement, Retention, SiteChanges
from ...sites.service import AGENTS_SEE, CREDIT
from ...surveys.models import PLACEMENTS
from ...web.fields import Choice, ListOf, Text
from ..fields import At, Out, word


class NewSite(SiteChanges):
    """A new site. It requires a name."""

    name = Text(max_length=MAX_NAME_LENGTH, min_length=1, line=True, required=True)
    surveys = ListOf(
        Choice(*PLACEMENTS),
        max_length=len(PLACEMENTS),
        load_default=list,
        metadata={"description": "Placements that get a survey with the default texts."},
    )


class SiteOut(Out):
    """A site."""

    id = fields.UUID()
    key = fields.String(metadata={"description": "Public site key, a part of the tag."})
    name = fields.String()
    time_zone = fields.String()
    languages = fields.List(fields.String())
    allowed_origins = fields.List(fields.String())
    agent_origins = fields.List(fields.String())
    credit = word(CREDIT)
    agents_see = word(AGENTS_SEE)
    agents_see_after_days = fields.Integer()
    analysts_see_personal = fields.Boolean()
    redaction = fields.List(word(redaction.KINDS))
    retention = fields.Nested(Retention)
    article_selector = fields.String()
    placement = fields.Nested(Placement)
    article_share = fields.Float()
    ask_when_unknown = fields.Boolean()
    rules = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Integer()))
    texts = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.String()))
    theme = fields.Dict(keys=fields.String())
    adapters = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Raw()))
    created_at = At()
    removed_at = At()
    tag = fields.String(metadata={"description": "HTML to paste into every page."})


class SitesOut(Out):
    """All sites of this server."""

    sites = fields.List(fields.Nested(SiteOut))


class NewSiteOut(SiteOut):
    """A new site with its secrets, which are shown only once."""

    signing_secret = fields.String()
    api_key = fields.String()
