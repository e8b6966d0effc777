"""The file finds its address however it gets into the page."""

from __future__ import annotations

import pytest

from tests.browser.widget.reader import RATING, Reader

MADE = "Object.assign(document.createElement('script')"
#: Code that loads the file at URL into the page, by way.
WAYS = {
    "an element made by a tag manager": f"document.head.append({MADE}, {{ src: URL }}))",
    "a module": f"document.head.append({MADE}, {{ type: 'module', src: URL }}))",
    "an import": "import(URL)",
    "a text that is run": "fetch(URL).then((got) => got.text()).then((code) => (0, eval)(code))",
    "a text in a script of the page": """fetch(URL).then((got) => got.text()).then((text) =>
        document.head.append(Object.assign(document.createElement('script'), { text })))""",
    "a script that an optimiser joined of many": """fetch(URL).then((got) => got.text()).then((code) =>
        document.head.append(Object.assign(document.createElement('script'),
          { src: '/cache/all.min.js?' + (localStorage.joined = code).length })))""",
}


def test_a_rating_is_shown_and_saved(reader: Reader, subtests: pytest.Subtests) -> None:
    def serve_joined(route: object) -> None:
        code = reader.page.evaluate("localStorage.joined")
        route.fulfill(body=code, content_type="text/javascript")  # type: ignore[attr-defined]

    reader.page.route("**/cache/all.min.js?*", serve_joined)
    url = f"{reader.product.url}/w/{reader.site.key}.js"
    for way, script in WAYS.items():
        with subtests.test(way=way):
            before = [vote["subject"] for vote in reader.votes()]
            reader.open(f"{RATING}<script>((URL) => {{ {script} }})('{url}')</script>", tag="")
            reader.press("Good")
            reader.says("Saved")
            assert sorted(vote["subject"] for vote in reader.votes()) == sorted([*before, reader.path])
