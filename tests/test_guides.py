"""The guides for pasting the script match the API, and the table of layouts matches the code."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.back_end import Api
from tests.browser.placements.layouts import STRUCTURES
from tests.factories import MadeSite
from tests.guides import ADDRESS, PAGE, guides, snippet
from tests.test_documented import table
from widget_server.sites.placement import LAYOUTS

#: Guides whose first block is only the script tag.
TAG_ONLY = {"Google Tag Manager", "Shopify", "Hugo", "Zendesk Guide", "BookStack", "Ghost"}
LAYOUT = re.compile(r"[Ll]ayout `([a-z-]+)`")


def sections() -> dict[str, str]:
    parts = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.M)[1:]
    return {part.partition("\n")[0]: part for part in parts}


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
            if name in {"Plain HTML", "MediaWiki"}:
                assert line in code


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
    assert set(LAYOUTS) - sample_pages == {"alabaster", "furo", "mkdocs-material", "read-the-docs"}


def test_each_layout_that_a_guide_names_exists() -> None:
    names = {name for part in sections().values() for line in part.splitlines() for name in LAYOUT.findall(line)}
    assert names and names <= set(LAYOUTS)
    for guide in (
        "MkDocs Material",
        "Docusaurus",
        "VitePress",
        "Hugo",
        "Zendesk Guide",
        "BookStack",
        "Ghost",
        "MediaWiki",
    ):
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
    (command,) = re.findall(r"tilfreds site place SITE_KEY '(.*)'`", text)

    for placement in (json.loads(body)["placement"], json.loads(command)):
        assert api.patch("/site", {"placement": placement}).status_code == 200
