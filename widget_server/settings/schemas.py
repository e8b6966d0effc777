"""Schemas of the settings of a site, as the API, the commands and the console accept them."""

from __future__ import annotations

from ..core import redaction, retention
from ..sites.placement import LAYOUTS, SIDES, WHERE
from ..sites.service import AGENTS_SEE, CREDIT
from ..sites.themes import FONTS, MAX_LOGO_LENGTH, MAX_RADIUS, SCHEMES, THEMES
from ..surveys.text_overrides import MAX_SENTENCE_LENGTH
from ..web.fields import Boolean, Choice, Integer, ListOf, MappingOf, Nested, Number, Strict, Text
from .adapters import Adapters

MAX_NAME_LENGTH = 200
MAX_SELECTOR_LENGTH = 400
MAX_LANGUAGES = 50
MAX_ORIGINS = 100
#: One header contains all of them, and proxies reject long headers.
MAX_AGENT_ORIGINS = 20


def _colour() -> Text:
    return Text(max_length=7, min_length=7, line=True)


class Colours(Strict):
    """Colours as #rrggbb. A missing one is the theme's."""

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
        metadata={"description": "https address that the page's content policy allows, or data:image/png;base64,..."},
    )


class Theme(Strict):
    """The appearance of the card: see docs/guides/themes.md. Colours with too little contrast are rejected."""

    name = Choice(*THEMES)
    scheme = Choice(*SCHEMES, metadata={"description": "`auto` follows the visitor's system."})
    colours = Nested(Colours)
    dark_colours = Nested(Colours, metadata={"description": "Colours of the dark scheme; without them it is light."})
    radius = Integer(min_value=0, max_value=MAX_RADIUS, metadata={"description": "Corner radius in pixels."})
    font = Choice(*FONTS, metadata={"description": "`inherit` uses the page's font."})
    logo = Nested(Logo)


class Popover(Strict):
    """A pop-over that asks about a page without a card, after a delay and some scrolling."""

    delay_seconds = Integer(min_value=0, max_value=600, load_default=20)
    scroll_percent = Integer(
        min_value=0,
        max_value=100,
        load_default=50,
        metadata={"description": "Share of the page that must be scrolled to; 0 does not wait for scrolling."},
    )
    side = Choice(
        *SIDES, load_default="start", metadata={"description": "Side of the window, in the page's direction."}
    )


class Launcher(Strict):
    """A card of a chat next to the button that opens it."""

    side = Choice(*SIDES, load_default="end")
    where = Choice(*WHERE, load_default="above", metadata={"description": "Narrow windows always use `above`."})
    clearance = Integer(
        min_value=0,
        max_value=300,
        load_default=96,
        metadata={"description": "Space for the launcher in pixels, from the edge of the window."},
    )


class Placement(Strict):
    """Automatic placement of the card: see docs/guides/placement.md."""

    layout = Choice(
        *LAYOUTS, metadata={"description": "Generator of the site's articles; use `article_selector` for others."}
    )
    panel = Text(
        max_length=MAX_SELECTOR_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "CSS selector of the element for the card of a chat."},
    )
    popover = Nested(Popover)
    launcher = Nested(Launcher)


def _days() -> Integer:
    return Integer(min_value=retention.MIN_DAYS, max_value=retention.MAX_DAYS)


#: A kind without days is kept: see docs/guides/privacy.md.
Retention = Strict.from_dict({kind: _days() for kind in retention.KINDS}, name="Retention")


class SiteChanges(Strict):
    """The settings of a site. A missing one stays unchanged."""

    name = Text(max_length=MAX_NAME_LENGTH, min_length=1, line=True)
    time_zone = Text(
        max_length=64, min_length=1, line=True, metadata={"description": "IANA name; votes are counted by its days."}
    )
    languages = ListOf(
        Text(max_length=35, min_length=2, line=True),
        max_length=MAX_LANGUAGES,
        min_length=1,
        metadata={"description": "Language tags, default first."},
    )
    allowed_origins = ListOf(
        Text(max_length=300, min_length=1, line=True),
        max_length=MAX_ORIGINS,
        metadata={
            "description": "Origins of the pages that may use the key, such as https://shop.example or an app's"
            " capacitor://localhost; a port may be `*`, and the host of moz-extension:// and safari-web-extension://."
            " Stored as browsers send them: in lower case, without a default port, international names as xn--."
        },
    )
    agent_origins = ListOf(
        Text(max_length=300, min_length=1, line=True),
        max_length=MAX_AGENT_ORIGINS,
        metadata={"description": "Origins of all pages that may embed ratings in a frame: see docs/guides/agents.md."},
    )
    credit = Choice(*CREDIT, metadata={"description": "Agents who get the credit: see docs/guides/fairness.md."})
    agents_see = Choice(*AGENTS_SEE, metadata={"description": "Ratings that an agent token opens."})
    agents_see_after_days = Integer(
        min_value=0, max_value=365, metadata={"description": "Days after the end of the segment."}
    )
    analysts_see_personal = Boolean(
        metadata={"description": "Show analysts names, contacts, messages and screenshots of visitors."}
    )
    redaction = ListOf(
        Choice(*redaction.KINDS),
        max_length=len(redaction.KINDS),
        metadata={"description": "What is masked in comments before they are stored: see docs/guides/privacy.md."},
    )
    retention = Nested(
        Retention, metadata={"description": "Days for which each kind of data is kept; replaced as a whole."}
    )
    article_selector = Text(
        max_length=MAX_SELECTOR_LENGTH,
        line=True,
        metadata={"description": "CSS selector of the element that contains an article."},
    )
    placement = Nested(Placement, metadata={"description": "Automatic placement of the card; replaced as a whole."})
    article_share = Number(
        min_value=0, max_value=1, metadata={"description": "Share of article views that show the survey."}
    )
    ask_when_unknown = Boolean(metadata={"description": "Whether a rule asks if its facts are unknown."})
    rules = MappingOf(
        Text(max_length=20, min_length=1, line=True),
        MappingOf(Text(max_length=60, min_length=1, line=True), Integer(min_value=0, max_value=10_000), max_length=20),
        max_length=10,
        metadata={"description": "Changes to the default rules, by channel: see docs/reference/rules.md."},
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
            "description": "Overrides of the widget's texts by language, merged with the existing ones. null restores"
            " one text, a language or all. `GET /languages/{code}` lists the keys: see docs/guides/texts.md."
        },
    )
    theme = Nested(Theme, allow_none=True, metadata={"description": "Replaces the previous theme; null removes it."})
    adapters = Nested(
        Adapters,
        metadata={"description": "Other vendors' chats and their options: see docs/guides/chats.md."},
    )
