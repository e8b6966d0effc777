"""Who is no visitor: crawlers, previews of links, monitors, and browsers that a program drives without a screen.

They load pages and never read them, so their views count nowhere. Their own name is all we go by: whoever claims to be
a browser is taken for one.
"""

from __future__ import annotations

import re

#: Names that end in "bot" are most of them; Cubot makes telephones.
BOT = r"(?<!cu)bot(?![a-z])"
NAMES = (
    # Search engines and archives.
    *("crawl", "spider", "slurp", "mediapartners-google", "google-inspectiontool", "googleother", "apis-google"),
    *("google-read-aloud", "feedfetcher", "bingpreview", "ia_archiver", r"archive\.org", "yeti/", "heritrix"),
    # Collectors for language models, and what fetches a page for somebody's question to one.
    *("chatgpt-user", "perplexity-user", "claude-user", "claude-web", "anthropic-ai", "cohere-ai", "diffbot"),
    *("meta-external", "google-extended", "bytedance"),
    # Previews of links in messages.
    *("facebookexternalhit", "facebookcatalog", "^whatsapp/", "skypeuripreview", "embedly", "iframely"),
    *("flipboardproxy", "vkshare", "snap url preview"),
    # Monitors and checks.
    *("lighthouse", "page speed", "pagespeed", "gtmetrix", "pingdom", "statuscake", "site24x7", "newrelicpinger"),
    *("ptst/", "w3c_validator", r"validator\.nu", "screaming frog", "sitechecker", "siteauditor", "httrack"),
    # What draws pages for others.
    *("prerender", "rendertron", "phantomjs", "slimerjs", "jsdom", "htmlunit"),
)
#: A real browser without a screen. Tests of pages are driven so, too: COUNT_HEADLESS lets them count.
HEADLESS = "headless"
_ROBOT = re.compile("|".join((BOT, *NAMES)), re.IGNORECASE)


def is_robot(agent: str | None, *, count_headless: bool = False) -> bool:
    """Whether a user agent says that nobody is looking; one that says nothing is no browser."""
    if not agent:
        return True
    return _ROBOT.search(agent) is not None or (not count_headless and HEADLESS in agent.lower())
