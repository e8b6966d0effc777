"""The guides for pasting the script match the API, and the table of layouts matches the code."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.back_end import Api
from tests.browser.hosts.article_hosts import HOSTS
from tests.browser.placements.layouts import STRUCTURES
from tests.factories import MadeSite
from tests.guides import ADDRESS, PAGE, guides, sections, snippet
from tests.test_documented import table
from widget_server.sites.placement import LAYOUTS

ROOT = PAGE.parents[2]
#: Guides whose first block is only the script tag.
TAG_ONLY = {"Google Tag Manager", "Shopify"}
#: Guides that load the script as code, so that the tag is not in them.
CODE = {
    "WordPress",
    "WooCommerce",
    "Magento",
    "MkDocs Material",
    "Sphinx",
    "Docusaurus",
    "VitePress",
    "Starlight",
    "Next.js",
    "Nextra",
    "Nuxt",
}
#: Guides of shops, whose pages have no article.
NO_ARTICLE = {"Google Tag Manager", "Shopify", "WooCommerce", "Magento"}
LAYOUT = re.compile(r"[Ll]ayout `([a-z-]+)`")
#: Guides that write the element.
ELEMENTS = {"Plain HTML", "WordPress", "Next.js", "Nextra", "Nuxt", "Docsify"}
PLACEMENT = (ROOT / "static" / "src" / "placements" / "inside.js").read_text("utf-8")
CARD_HEIGHT, CARD_DISTANCE = (
    re.findall(rf'const {name} = "(\d+)px"', PLACEMENT)[0] for name in ("CARD_HEIGHT", "CARD_DISTANCE")
)
#: The height of a placed card with its distance above and below.
CARD_ROOM = str(int(CARD_HEIGHT) + 2 * int(CARD_DISTANCE))
#: The reserved space of a placed rating and of an element.
RESERVED = re.compile(
    r"(\S.*):not\(:has\(tilfreds-rating\)\)::after \{ content: \"\"; display: block; height: (\d+)px \}"
    r"|tilfreds-rating \{ display: block; min-height: (\d+)px \}"
)


def test_every_guide_has_the_address_that_the_api_returns(api: Api, site: MadeSite, subtests: pytest.Subtests) -> None:
    line = api.get("/site").get_json()["tag"]
    address = re.findall(r'src="([^"]+)"', line)[0]
    assert set(guides()) > TAG_ONLY
    for name in guides():
        with subtests.test(name=name):
            code = snippet(name).replace("https://HOST", "http://localhost").replace("SITE_KEY", site.key)

            assert address in code
            if name in TAG_ONLY:
                assert code.strip() == line
            assert (line in code) == (name not in CODE)


def test_every_guide_of_articles_reserves_the_space_of_the_faces(subtests: pytest.Subtests) -> None:
    for name, part in sections().items():
        with subtests.test(name=name):
            heights = [(after, element) for _, after, element in RESERVED.findall(part)]
            assert (heights == []) == (name in NO_ARTICLE)
            assert {after for after, _ in heights} <= {CARD_ROOM, ""}
            assert {element for _, element in heights} <= {CARD_HEIGHT, ""}


def test_the_readme_and_the_guide_have_the_same_tag() -> None:
    line = f'<script async src="{ADDRESS}"></script>'
    assert line in (PAGE.parents[2] / "README.md").read_text("utf-8")
    assert line in (PAGE.parents[2] / "static" / "README.md").read_text("utf-8")


def test_magentos_files_are_well_formed() -> None:
    layout, policy = (ElementTree.fromstring(block) for block in guides()["Magento"])
    (script,) = layout.iter("script")
    assert script.attrib == {"src": ADDRESS, "src_type": "url", "async": "true"}
    assert [element.attrib["id"] for element in policy.iter("policy")] == ["script-src", "connect-src"]
    assert {element.text for element in policy.iter("value")} == {"https://HOST"}


def test_the_table_of_layouts_equals_the_code() -> None:
    _, *rows = table(PAGE, "Layout")
    assert {name: selector for name, selector, _ in rows} == LAYOUTS
    sample_pages = {name for name, _, note in rows if note.startswith("a small page of its structure")}
    assert sample_pages == set(STRUCTURES)
    assert set(LAYOUTS) - sample_pages <= {host.layout for host in HOSTS.values()}


def test_each_layout_that_a_guide_names_exists() -> None:
    names = {name for part in sections().values() for line in part.splitlines() for name in LAYOUT.findall(line)}
    assert names and names <= set(LAYOUTS)
    for guide in set(sections()) - NO_ARTICLE - ELEMENTS:
        assert LAYOUT.search(sections()[guide]), guide


@pytest.mark.parametrize("option", ["popover", "launcher"])
def test_the_defaults_in_the_tables_equal_the_code(api: Api, option: str) -> None:
    text = PAGE.read_text("utf-8")
    part = text[text.index("## The pop-over" if option == "popover" else "## At a launcher") :].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| `?(\w+)`? \|$", part, re.M)

    stored_options = api.patch("/site", {"placement": {option: {}}}).get_json()["placement"][option]

    assert {name: str(value) for name, value in stored_options.items()} == dict(rows)


def test_the_examples_are_valid(api: Api) -> None:
    text = PAGE.read_text("utf-8")
    (body,) = re.findall(r"-d '(\{\"placement\".*)'", text)
    commands = re.findall(r"tilfreds site place SITE_KEY '(.*)'`", text)

    for placement in (json.loads(body)["placement"], *map(json.loads, commands)):
        assert api.patch("/site", {"placement": placement}).status_code == 200
