"""Every text of the console's templates is marked for translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

TEMPLATES = Path(__file__).parents[2] / "widget_server" / "console" / "templates" / "console"
#: Code and keys are the same in every language.
UNTRANSLATED_ELEMENTS = {"code", "kbd", "pre", "script", "style", "svg"}
TEXT_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
BRAND = "Tilfreds"
LETTERS = re.compile(r"[^\W\d_]{2,}")


def unmarked_texts(template: str) -> list[str]:
    """Return the texts that a template shows without `_()` or `{% trans %}`."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    tree = environment.parse(template)
    blocks = [block for block in tree.find_all(nodes.Block) if block.name.endswith("_attributes")]
    attributes = {id(output) for block in blocks for output in block.find_all(nodes.Output)}
    collector = _Collector()
    for output in tree.find_all(nodes.Output):
        if id(output) not in attributes:
            for node in output.nodes:
                collector.feed("".join(_literal_texts(node)))
    collector.close()
    return [text for text in collector.texts if LETTERS.search(text.replace(BRAND, ""))]


def _literal_texts(node: nodes.Node) -> Iterator[str]:
    """Yield what an output node writes literally: template data, or the string constants of an expression."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        for branch in (node.expr1, node.expr2):
            if branch is not None:
                yield from _literal_texts(branch)
    elif isinstance(node, nodes.Concat | nodes.Or | nodes.Add):
        for part in node.iter_child_nodes():
            yield from _literal_texts(part)


class _Collector(HTMLParser):
    """The texts and the visible attributes of a page, code left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.code_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code_depth += tag in UNTRANSLATED_ELEMENTS
        self.texts += [value or "" for name, value in attrs if name in TEXT_ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        self.code_depth -= tag in UNTRANSLATED_ELEMENTS

    def handle_data(self, data: str) -> None:
        if not self.code_depth:
            self.texts.append(data.strip())


def test_every_text_is_marked(subtests: pytest.Subtests) -> None:
    files = sorted(TEMPLATES.glob("*.html"))
    assert len(files) > 20
    for file in files:
        with subtests.test(file=file.name):
            assert unmarked_texts(file.read_text("utf-8")) == []


def test_unmarked_texts_are_reported(subtests: pytest.Subtests) -> None:
    for template, texts in {
        "<p>{{ _('Sign in') }} <b>Sign out</b></p>": ["Sign out"],
        "<p>{% trans name=site.name %}Open {{ name }}{% endtrans %} now</p>": ["now"],
        "<a title='Remove'>×</a><svg><text>AB</text></svg><pre>ls -l</pre>": ["Remove"],
        "<dt>{{ 'Closed' if ended else 'Open' }}</dt><p class=\"{{ 'wide' if ended }}\"></p>": ["ClosedOpen"],
        "{% if ended %}Ended{% endif %}{% macro line() %}Line{% endmacro %}{{ line() }} · Tilfreds": ["Ended", "Line"],
        "{# A comment #}<p data-state='open'>{{ site.name }} · {{ words.when(now, 'short') }}</p>": [],
    }.items():
        with subtests.test(template=template):
            assert unmarked_texts(template) == texts
