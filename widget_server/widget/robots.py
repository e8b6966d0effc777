"""Recognise robots by their user agent: crawlers, link previews, monitors and headless browsers.

They load pages without a reader, so their impressions are not counted. The user agent is the only evidence: a robot
that claims to be a browser is counted as one.
"""

from __future__ import annotations

import functools
import re

#: Most names end in "bot". Cubot is excluded because it makes telephones.
BOT = r"(?<!cu)bot(?![a-z])"
NAMES = (
    # Search engines and archives.
    *("crawl", "spider", "slurp", "mediapartners-google", "google-inspectiontool", "googleother", "apis-google"),
    *("google-read-aloud", "feedfetcher", "bingpreview", "ia_archiver", r"archive\.org", "yeti/", "heritrix"),
    # Collectors for language models, and fetchers that serve a user's question to one.
    *("chatgpt-user", "perplexity-user", "claude-user", "claude-web", "anthropic-ai", "cohere-ai", "diffbot"),
    *("meta-external", "google-extended", "bytedance"),
    # Link previews in messages.
    *("facebookexternalhit", "facebookcatalog", "^whatsapp/", "skypeuripreview", "embedly", "iframely"),
    *("flipboardproxy", "vkshare", "snap url preview"),
    # Monitors and audits.
    *("lighthouse", "page speed", "pagespeed", "gtmetrix", "pingdom", "statuscake", "site24x7", "newrelicpinger"),
    *("ptst/", "w3c_validator", r"validator\.nu", "screaming frog", "sitechecker", "siteauditor", "httrack"),
    # Renderers.
    *("prerender", "rendertron", "phantomjs", "slimerjs", "jsdom", "htmlunit"),
)
#: A real browser without a screen. Tests of pages use it too; COUNT_HEADLESS counts them.
HEADLESS = "headless"
_ROBOT = re.compile("|".join((BOT, *NAMES)), re.IGNORECASE)
#: Characters of a user agent that are read. Browsers send fewer, and the search takes a microsecond for each.
MAX_LENGTH = 1_000
#: Most visitors share few user agents, and the search costs as much as the rest of an impression.
MAX_CACHED = 2_000


def is_robot(agent: str | None, *, count_headless: bool = False) -> bool:
    """Return whether a user agent is a robot's; a missing one is, because browsers always send it."""
    if not agent:
        return True
    return _has_robots_name(agent[:MAX_LENGTH]) or (not count_headless and HEADLESS in agent.lower())


@functools.lru_cache(MAX_CACHED)
def _has_robots_name(agent: str) -> bool:
    return _ROBOT.search(agent) is not None
