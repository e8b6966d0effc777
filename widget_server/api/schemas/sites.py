"""A site as the API reads and writes it."""

from __future__ import annotations

from marshmallow import fields

from ...schemas import Decimal, Items, Part, Strict, Table, Text, Truth, Whole, Word
from ...surveys.models import PLACEMENTS
from .adapters import Adapters
from .fields import At, Out

LONGEST_NAME = 200
LONGEST_SELECTOR = 400
MOST_LANGUAGES = 50
MOST_ORIGINS = 100


class SiteChanges(Strict):
    """The settings of a site that may be changed; what is left out stays."""

    name = Text(most=LONGEST_NAME, least=1, line=True)
    time_zone = Text(most=64, least=1, line=True, metadata={"description": "IANA name; a vote's day is its day."})
    languages = Items(
        Text(most=35, least=2, line=True),
        most=MOST_LANGUAGES,
        least=1,
        metadata={"description": "Language tags, the default first."},
    )
    allowed_origins = Items(
        Text(most=300, least=1, line=True),
        most=MOST_ORIGINS,
        metadata={
            "description": "Whose pages may use the key: https://shop.example; a port may be `*`. Kept as browsers"
            " send it: in lower case, without a default port, a name of other letters as xn--."
        },
    )
    article_selector = Text(
        most=LONGEST_SELECTOR, line=True, metadata={"description": "CSS selector of the element that articles end in."}
    )
    article_share = Decimal(low=0, high=1, metadata={"description": "Share of article views that are asked."})
    ask_when_unknown = Truth(metadata={"description": "What a rule whose facts are unknown does."})
    rules = Table(
        Text(most=20, least=1, line=True),
        Table(Text(most=60, least=1, line=True), Whole(low=0, high=10_000), most=20),
        most=10,
        metadata={"description": "Departures from the table of rules, by channel: see docs/rules.md."},
    )
    adapters = Part(
        Adapters,
        metadata={"description": "Chats made by others that its pages listen to, with options: see docs/chats.md."},
    )


class NewSite(SiteChanges):
    """A new site: it needs a name and the origins of its pages."""

    name = Text(most=LONGEST_NAME, least=1, line=True, required=True)
    surveys = Items(
        Word(*PLACEMENTS),
        most=len(PLACEMENTS),
        load_default=list,
        metadata={"description": "Where to ask from the start, with the product's own words."},
    )


class SiteOut(Out):
    """A site."""

    id = fields.UUID()
    key = fields.String(metadata={"description": "Public: it stands in the pasted tag."})
    name = fields.String()
    time_zone = fields.String()
    languages = fields.List(fields.String())
    allowed_origins = fields.List(fields.String())
    article_selector = fields.String()
    article_share = fields.Float()
    ask_when_unknown = fields.Boolean()
    rules = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Integer()))
    adapters = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Raw()))
    created_at = At()
    removed_at = At()
    tag = fields.String(metadata={"description": "The line to paste into every page."})


class SitesOut(Out):
    """All sites of this server."""

    sites = fields.List(fields.Nested(SiteOut))


class NewSiteOut(SiteOut):
    """A new site with its secrets, which are shown this once."""

    signing_secret = fields.String()
    api_key = fields.String()


class SigningSecretOut(Out):
    """What the site's back end signs with; shown this once."""

    signing_secret = fields.String()


class SigningSecretChange(Strict):
    """When an older secret ends."""

    retired = Truth(required=True, metadata={"description": "true: nothing that it signed is accepted from now on."})


class NewApiKey(Strict):
    """A key for a back end."""

    name = Text(most=100, least=1, line=True, required=True)
    scopes = Items(Text(most=10, line=True), most=2, least=1, load_default=lambda: ["read", "write"])


class ApiKeyOut(Out):
    """A key, without its text."""

    id = fields.UUID()
    name = fields.String()
    scopes = fields.List(fields.String())
    created_at = At()
    revoked_at = At()


class NewApiKeyOut(ApiKeyOut):
    """A new key with its text, which is shown this once."""

    api_key = fields.String()


class ApiKeysOut(Out):
    """The keys of a site."""

    api_keys = fields.List(fields.Nested(ApiKeyOut))
