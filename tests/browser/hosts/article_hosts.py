"""The sites with articles: how each is built, which setting its guide names, and how its reader changes the colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from playwright.sync_api import Page

from . import npm_sources, sources
from .built import Source

Action = Callable[[Page], object]


@dataclass(frozen=True)
class Host:
    """A site with articles. Without a layout, its own markup has the element."""

    source: Callable[[], Source]
    layout: str | None = None
    #: Follows links without loading a page.
    is_single_page: bool = False
    #: What a reader does for the other colours; None on a site that has only light ones.
    darken: Action | None = None
    lighten: Action | None = None
    #: The address of the short page.
    short: str = "/short/"
    #: Keys of its theme that move the focus to the search, and those that turn to the next page and back.
    search_keys: str = ""
    turning_keys: tuple[str, ...] = ()
    #: How the paths of votes begin: "/#" where the path is in the hash.
    root: str = ""

    @property
    def placement(self) -> dict[str, Any]:
        return {"layout": self.layout} if self.layout else {}


def click(selector: str) -> Action:
    return lambda page: page.locator(selector).locator("visible=true").first.click()


def mdbook_theme(name: str) -> Action:
    def choose(page: Page) -> None:
        theme = page.locator(f"#mdbook-theme-{name}")
        # The menu stays open after a choice.
        if not theme.is_visible():
            page.locator("#mdbook-theme-toggle").click()
        theme.click()

    return choose


def nextra_theme(name: str) -> Action:
    def choose(page: Page) -> None:
        page.locator("button[title='Change theme'], button:has-text('System')").locator("visible=true").first.click()
        page.get_by_role("option", name=name).click()

    return choose


def starlight_theme(name: str) -> Action:
    return lambda page: page.locator("starlight-theme-select select").locator("visible=true").first.select_option(name)


def material(*features: str) -> Host:
    return Host(
        lambda: sources.mkdocs(features),
        "mkdocs-material",
        is_single_page="navigation.instant" in features,
        darken=click("label[title=Dark]"),
        lighten=click("label[title=Light]"),
        search_keys="/fs",
        turning_keys=("n", "p", ".", ","),
    )


def sphinx(theme: str, layout: str, button: Action | None = None) -> Host:
    source = partial(sources.sphinx, theme)
    arrows = ("ArrowRight", "ArrowLeft")
    return Host(
        source, layout, short="/short.html", search_keys="/", turning_keys=arrows, darken=button, lighten=button
    )


HOSTS = {
    "instant": material("navigation.instant"),
    "plain": material(),
    # The button of furo goes from the system's colours to the opposite ones, and back to light.
    "furo": sphinx("furo", "furo", click("button.theme-toggle")),
    "alabaster": sphinx("alabaster", "alabaster"),
    "read-the-docs": sphinx("sphinx_rtd_theme", "read-the-docs"),
    "mdbook": Host(
        sources.mdbook,
        "mdbook",
        darken=mdbook_theme("navy"),
        lighten=mdbook_theme("light"),
        short="/short.html",
        search_keys="/s",
        turning_keys=("ArrowRight", "ArrowLeft"),
    ),
    "hugo": Host(sources.hugo),
    "vitepress": Host(
        npm_sources.vitepress,
        "vitepress",
        is_single_page=True,
        darken=click(".VPSwitchAppearance"),
        lighten=click(".VPSwitchAppearance"),
        short="/short.html",
    ),
    "docusaurus": Host(
        npm_sources.docusaurus,
        "docusaurus",
        is_single_page=True,
        darken=click("[class*=colorModeToggle] button"),
        lighten=click("[class*=colorModeToggle] button"),
    ),
    "starlight": Host(
        npm_sources.starlight, "starlight", darken=starlight_theme("dark"), lighten=starlight_theme("light")
    ),
    "nextjs": Host(npm_sources.nextjs, is_single_page=True),
    "nextra": Host(npm_sources.nextra, is_single_page=True, darken=nextra_theme("Dark"), lighten=nextra_theme("Light")),
    "docsify": Host(npm_sources.docsify, is_single_page=True, short="/#/short", root="/#"),
}
SHORT_HOSTS = ["instant", "mdbook", "hugo"]
