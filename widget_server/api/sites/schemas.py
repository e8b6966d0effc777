"""A site as the API reads and writes it."""

from __future__ import annotations

from marshmallow import fields

from ...sites.placement import LAYOUTS, SIDES, WHERE
from ...sites.service import AGENTS_SEE, CREDIT
from ...sites.themes import FONTS, MAX_LOGO_LENGTH, MAX_RADIUS, SCHEMES, THEMES
from ...surveys.models import PLACEMENTS
from ...surveys.text_overrides import MAX_SENTENCE_LENGTH
from ...web.fields import Boolean, Choice, Integer, ListOf, MappingOf, Nested, Number, Strict, Text
from ..fields import At, Out
from .adapters import Adapters

MAX_NAME_LENGTH = 200
MAX_SELECTOR_LENGTH = 400
MAX_LANGUAGES = 50
MAX_ORIGINS = 100
#: All of them stand in one header, and proxies take no long ones.
MAX_AGENT_ORIGINS = 20


def _colour() -> Text:
    return Text(max_length=7, min_length=7, line=True)


class Colours(Strict):
    """Colours as #rrggbb; what is left out is the theme's."""

    ink = _colour()
    paper = _colour()
    positive = _colour()
    neutral = _colour()
    negative = _colour()
    accent = _colour()
    star = _colour()


class Logo(Strict):
    """A small square picture in the corner of the card."""

    src = Text(
        max_length=MAX_LOGO_LENGTH,
        min_length=1,
        line=True,
        required=True,
        metadata={"description": "An https address that the page's policy allows, or data:image/png;base64,..."},
    )


class Theme(Strict):
    """How the card looks: see docs/guides/themes.md. What cannot be read well enough is refused with the figure."""

    name = Choice(*THEMES)
    scheme = Choice(*SCHEMES, metadata={"description": "`auto` follows the visitor's system."})
    colours = Nested(Colours)
    dark_colours = Nested(Colours, metadata={"description": "The same for the dark; without them all is light."})
    radius = Integer(min_value=0, max_value=MAX_RADIUS, metadata={"description": "Pixels."})
    font = Choice(*FONTS, metadata={"description": "`inherit` takes the page's."})
    logo = Nested(Logo)


class Popover(Strict):
    """Asks about a page that has no faces in it, once the reader has stayed and read so far."""

    delay_seconds = Integer(min_value=0, max_value=600, load_default=20)
    scroll_percent = Integer(
        min_value=0,
        max_value=100,
        load_default=50,
        metadata={"description": "How much of the page must have been seen; 0 does not wait for scrolling."},
    )
    side = Choice(*SIDES, load_default="start", metadata={"description": "Of the window, in the page's direction."})


class Launcher(Strict):
    """Shows the faces of a chat at the button that opens it."""

    side = Choice(*SIDES, load_default="end")
    where = Choice(*WHERE, load_default="above", metadata={"description": "On a narrow window always above."})
    clearance = Integer(
        min_value=0,
        max_value=300,
        load_default=96,
        metadata={"description": "Pixels to leave free for the launcher, from the edge of the window."},
    )


class Placement(Strict):
    """Where the faces stand by themselves: see docs/guides/placement.md."""

    layout = Choice(
        *LAYOUTS, metadata={"description": "What makes the site's articles; `article_selector` is for all others."}
    )
    panel = Text(
        max_length=MAX_SELECTOR_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "CSS selector of the element that the faces of a chat go into."},
    )
    popover = Nested(Popover)
    launcher = Nested(Launcher)


class SiteChanges(Strict):
    """The settings of a site that may be changed; what is left out stays."""

    name = Text(max_length=MAX_NAME_LENGTH, min_length=1, line=True)
    time_zone = Text(
        max_length=64, min_length=1, line=True, metadata={"description": "IANA name; a vote's day is its day."}
    )
    languages = ListOf(
        Text(max_length=35, min_length=2, line=True),
        max_length=MAX_LANGUAGES,
        min_length=1,
        metadata={"description": "Language tags, the default first."},
    )
    allowed_origins = ListOf(
        Text(max_length=300, min_length=1, line=True),
        max_length=MAX_ORIGINS,
        metadata={
            "description": "Whose pages may use the key: https://shop.example; a port may be `*`. Kept as browsers"
            " send it: in lower case, without a default port, a name of other letters as xn--."
        },
    )
    agent_origins = ListOf(
        Text(max_length=300, min_length=1, line=True),
        max_length=MAX_AGENT_ORIGINS,
        metadata={
            "description": "Whose pages may hold ratings in a frame, every page around it: see docs/guides/agents.md."
        },
    )
    credit = Choice(*CREDIT, metadata={"description": "Who is credited with an answer: see docs/guides/fairness.md."})
    agents_see = Choice(*AGENTS_SEE, metadata={"description": "Whose ratings an agent's token opens."})
    agents_see_after_days = Integer(
        min_value=0, max_value=365, metadata={"description": "Days after the end of the part."}
    )
    article_selector = Text(
        max_length=MAX_SELECTOR_LENGTH,
        line=True,
        metadata={"description": "CSS selector of the element that articles end in."},
    )
    placement = Nested(Placement, metadata={"description": "Where the faces stand by themselves; given as a whole."})
    article_share = Number(min_value=0, max_value=1, metadata={"description": "Share of article views that are asked."})
    ask_when_unknown = Boolean(metadata={"description": "What a rule whose facts are unknown does."})
    rules = MappingOf(
        Text(max_length=20, min_length=1, line=True),
        MappingOf(Text(max_length=60, min_length=1, line=True), Integer(min_value=0, max_value=10_000), max_length=20),
        max_length=10,
        metadata={"description": "Departures from the table of rules, by channel: see docs/reference/rules.md."},
    )
    texts = MappingOf(
        Text(max_length=35, min_length=2, line=True),
        MappingOf(
            Text(max_length=60, min_length=1, line=True),
            Text(max_length=MAX_SENTENCE_LENGTH, min_length=1, line=True, allow_none=True),
            max_length=60,
            allow_none=True,
        ),
        max_length=MAX_LANGUAGES,
        allow_none=True,
        metadata={
            "description": "The widget's own words by language, merged with those before: null gives one, a language's"
            " or all back to the product. `GET /languages/{code}` names them: see docs/guides/texts.md."
        },
    )
    theme = Nested(Theme, allow_none=True, metadata={"description": "Replaces the one before; null takes it away."})
    adapters = Nested(
        Adapters,
        metadata={
            "description": "Chats made by others that its pages listen to, with options: see docs/guides/chats.md."
        },
    )


class NewSite(SiteChanges):
    """A new site: it needs a name and the origins of its pages."""

    name = Text(max_length=MAX_NAME_LENGTH, min_length=1, line=True, required=True)
    surveys = ListOf(
        Choice(*PLACEMENTS),
        max_length=len(PLACEMENTS),
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
    agent_origins = fields.List(fields.String())
    credit = fields.String()
    agents_see = fields.String()
    agents_see_after_days = fields.Integer()
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
    tag = fields.String(metadata={"description": "The line to paste into every page."})


class SitesOut(Out):
    """All sites of this server."""

    sites = fields.List(fields.Nested(SiteOut))


class NewSiteOut(SiteOut):
    """A new site with its secrets, which are shown this once."""

    signing_secret = fields.String()
    api_key = fields.String()
