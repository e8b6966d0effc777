"""A site as the API reads and writes it."""

from __future__ import annotations

from marshmallow import fields

from ...sites.placement import LAYOUTS, SIDES, WHERE
from ...sites.service import AGENTS_SEE, CREDIT
from ...sites.themes import FONTS, MAX_LOGO_LENGTH, MAX_RADIUS, SCHEMES, THEMES
from ...surveys.models import PLACEMENTS
from ...surveys.text_overrides import MAX_SENTENCE_LENGTH
from ...web.fields import Decimal, Items, Part, Strict, Table, Text, Truth, Whole, Word
from ..fields import At, Out
from .adapters import Adapters

MAX_NAME_LENGTH = 200
MAX_SELECTOR_LENGTH = 400
MAX_LANGUAGES = 50
MAX_ORIGINS = 100
#: All of them stand in one header, and proxies take no long ones.
MAX_AGENT_ORIGINS = 20


def _colour() -> Text:
    return Text(most=7, least=7, line=True)


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
        most=MAX_LOGO_LENGTH,
        least=1,
        line=True,
        required=True,
        metadata={"description": "An https address that the page's policy allows, or data:image/png;base64,..."},
    )


class Theme(Strict):
    """How the card looks: see docs/guides/themes.md. What cannot be read well enough is refused with the figure."""

    name = Word(*THEMES)
    scheme = Word(*SCHEMES, metadata={"description": "`auto` follows the visitor's system."})
    colours = Part(Colours)
    dark_colours = Part(Colours, metadata={"description": "The same for the dark; without them all is light."})
    radius = Whole(low=0, high=MAX_RADIUS, metadata={"description": "Pixels."})
    font = Word(*FONTS, metadata={"description": "`inherit` takes the page's."})
    logo = Part(Logo)


class Popover(Strict):
    """Asks about a page that has no faces in it, once the reader has stayed and read so far."""

    delay_seconds = Whole(low=0, high=600, load_default=20)
    scroll_percent = Whole(
        low=0,
        high=100,
        load_default=50,
        metadata={"description": "How much of the page must have been seen; 0 does not wait for scrolling."},
    )
    side = Word(*SIDES, load_default="start", metadata={"description": "Of the window, in the page's direction."})


class Launcher(Strict):
    """Shows the faces of a chat at the button that opens it."""

    side = Word(*SIDES, load_default="end")
    where = Word(*WHERE, load_default="above", metadata={"description": "On a narrow window always above."})
    clearance = Whole(
        low=0,
        high=300,
        load_default=96,
        metadata={"description": "Pixels to leave free for the launcher, from the edge of the window."},
    )


class Placement(Strict):
    """Where the faces stand by themselves: see docs/guides/placement.md."""

    layout = Word(
        *LAYOUTS, metadata={"description": "What makes the site's articles; `article_selector` is for all others."}
    )
    panel = Text(
        most=MAX_SELECTOR_LENGTH,
        least=1,
        line=True,
        metadata={"description": "CSS selector of the element that the faces of a chat go into."},
    )
    popover = Part(Popover)
    launcher = Part(Launcher)


class SiteChanges(Strict):
    """The settings of a site that may be changed; what is left out stays."""

    name = Text(most=MAX_NAME_LENGTH, least=1, line=True)
    time_zone = Text(most=64, least=1, line=True, metadata={"description": "IANA name; a vote's day is its day."})
    languages = Items(
        Text(most=35, least=2, line=True),
        most=MAX_LANGUAGES,
        least=1,
        metadata={"description": "Language tags, the default first."},
    )
    allowed_origins = Items(
        Text(most=300, least=1, line=True),
        most=MAX_ORIGINS,
        metadata={
            "description": "Whose pages may use the key: https://shop.example; a port may be `*`. Kept as browsers"
            " send it: in lower case, without a default port, a name of other letters as xn--."
        },
    )
    agent_origins = Items(
        Text(most=300, least=1, line=True),
        most=MAX_AGENT_ORIGINS,
        metadata={
            "description": "Whose pages may hold ratings in a frame, every page around it: see docs/guides/agents.md."
        },
    )
    credit = Word(*CREDIT, metadata={"description": "Who is credited with an answer: see docs/guides/fairness.md."})
    agents_see = Word(*AGENTS_SEE, metadata={"description": "Whose ratings an agent's token opens."})
    agents_see_after_days = Whole(low=0, high=365, metadata={"description": "Days after the end of the part."})
    article_selector = Text(
        most=MAX_SELECTOR_LENGTH,
        line=True,
        metadata={"description": "CSS selector of the element that articles end in."},
    )
    placement = Part(Placement, metadata={"description": "Where the faces stand by themselves; given as a whole."})
    article_share = Decimal(low=0, high=1, metadata={"description": "Share of article views that are asked."})
    ask_when_unknown = Truth(metadata={"description": "What a rule whose facts are unknown does."})
    rules = Table(
        Text(most=20, least=1, line=True),
        Table(Text(most=60, least=1, line=True), Whole(low=0, high=10_000), most=20),
        most=10,
        metadata={"description": "Departures from the table of rules, by channel: see docs/reference/rules.md."},
    )
    texts = Table(
        Text(most=35, least=2, line=True),
        Table(
            Text(most=60, least=1, line=True),
            Text(most=MAX_SENTENCE_LENGTH, least=1, line=True, allow_none=True),
            most=60,
            allow_none=True,
        ),
        most=MAX_LANGUAGES,
        allow_none=True,
        metadata={
            "description": "The widget's own words by language, merged with those before: null gives one, a language's"
            " or all back to the product. `GET /languages/{code}` names them: see docs/guides/texts.md."
        },
    )
    theme = Part(Theme, allow_none=True, metadata={"description": "Replaces the one before; null takes it away."})
    adapters = Part(
        Adapters,
        metadata={
            "description": "Chats made by others that its pages listen to, with options: see docs/guides/chats.md."
        },
    )


class NewSite(SiteChanges):
    """A new site: it needs a name and the origins of its pages."""

    name = Text(most=MAX_NAME_LENGTH, least=1, line=True, required=True)
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
