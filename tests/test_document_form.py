"""The form of all documents: short lines, working links, and a link from the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CHANGELOG.md",
    *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")),
    ROOT / "widget_server" / "README.md",
    ROOT / "static" / "README.md",
    *sorted((ROOT / "clients").glob("*/README.md")),
    *sorted((ROOT / "docs").glob("**/*.md")),
]
MAX_LINE_LENGTH = 120
FENCED_CODE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([\w-]+))?\)")
#: Linked from a page that the README links to, or in a folder that it links to.
LINKED_ELSEWHERE = re.compile(r"README\.md|clients/\w+/README\.md|docs/develop/decisions/\d{4}-.*")


def prose(page: Path) -> str:
    """Return the text of a page without its code blocks."""
    return FENCED_CODE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the fragments of a page's headings, as GitHub derives them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_lines_are_short_outside_of_tables_and_code(subtests: pytest.Subtests) -> None:
    for page in PAGES:
        with subtests.test(page=str(page.relative_to(ROOT))):
            lines = [line for line in prose(page).splitlines() if not line.startswith("|")]
            assert [line for line in lines if len(line) > MAX_LINE_LENGTH] == []


def test_every_link_leads_to_a_file_and_a_heading(subtests: pytest.Subtests) -> None:
    for page in PAGES:
        with subtests.test(page=str(page.relative_to(ROOT))):
            for path, fragment in LINK.findall(prose(page)):
                target = page.parent / path if path else page
                assert target.exists(), path
                assert not fragment or fragment in anchors(target), (path, fragment)


def test_the_readme_links_to_every_document() -> None:
    links = {path for path, _ in LINK.findall(prose(README))}
    documents = {str(page.relative_to(ROOT)) for page in PAGES}

    assert {name for name in documents - links if not LINKED_ELSEWHERE.fullmatch(name)} == set()


def test_the_readme_lists_the_packages_that_the_tests_need() -> None:
    script = (ROOT / ".ci" / "packages").read_text("utf-8")
    required_packages = re.findall(r"\bneed \"?([a-z][a-z0-9 -]*?)\"? [\w-]+(?: [\w-]+)*$", script, re.M)
    block = r"^The tests also use these packages:\n\n```text\n(.*?)```"
    (package_list,) = re.findall(block, README.read_text("utf-8"), re.M | re.S)

    assert sorted(package_list.split()) == sorted(" ".join(required_packages).split())
