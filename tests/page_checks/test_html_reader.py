"""The tags of pages, whole and broken, and of pages that were made to be slow to read."""

from __future__ import annotations

import pytest

from widget_server.page_checks.html_reader import Token, read_tokens
from widget_server.page_checks.page_markup import ScriptTag, read_markup

PAGES = {
    "<p>a < b</p>": [Token("start", "p"), Token("text", "a < b"), Token("end", "p")],
    "<!doctype html><!-- <p> --><?x?>": [Token("comment", " <p> ")],
    "<!-->a": [Token("comment", ""), Token("text", "a")],
    "<A B=C d='e>' F=\"&amp;\" g h = i/>": [
        Token("start", "a", {"b": "C", "d": "e>", "f": "&", "g": "", "h": "i/"}),
    ],
    "<a b=1 b=2 / c>": [Token("start", "a", {"b": "1", "c": ""})],
    "<script>if (a < b) '<p>'</script >x": [
        Token("start", "script"),
        Token("text", "if (a < b) '<p>'"),
        Token("end", "script"),
        Token("text", "x"),
    ],
    "<style></scripts></STYLE>": [Token("start", "style"), Token("text", "</scripts>"), Token("end", "style")],
    f"<a b='&#{'9' * 5000};'>": [Token("start", "a", {"b": f"&#{'9' * 5000};"})],
    "text<a b='c>": [Token("text", "text")],
    "<a b": [],
    "</": [],
    "<>": [Token("text", "<>")],
}
#: Each takes hours where the time grows with the square of the length.
SLOW = ["<a ", "<!--", "<a b='", "</a", "<svg><template>", "<a b=c ", "<script", "&#1", "<", "<!", "</svg><template>"]


def test_tags_comments_and_texts(subtests: pytest.Subtests) -> None:
    for page, tokens in PAGES.items():
        with subtests.test(page=page[:40]):
            assert list(read_tokens(page)) == tokens


def test_inert_elements_end_with_the_one_that_contains_them() -> None:
    markup = read_markup("<svg><template></svg><script src=a></script><noscript><script src=b></script></noscript>")
    assert markup.scripts == [ScriptTag({"src": "a"}), ScriptTag({"src": "b"}, "noscript")]


def test_a_page_that_was_made_to_be_slow_is_read(subtests: pytest.Subtests) -> None:
    for part in SLOW:
        with subtests.test(part=part):
            read_markup(part * (400_000 // len(part)))
