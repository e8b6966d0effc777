"""Read the corpus of texts in which personal data is marked, and measure what a detector finds in it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "redaction_corpus.txt"
KIND_BY_LETTER = {"c": "card", "e": "email", "p": "phone"}
_MARKED = re.compile(r"\{([cep]):([^}]*)\}")


@dataclass(frozen=True)
class MarkedText:
    """A text without its marks, and where it has which kind of data."""

    text: str
    spans: Collection[tuple[str, int, int]]

    def spans_of(self, kind: str) -> list[tuple[int, int]]:
        return [(start, end) for span_kind, start, end in self.spans if span_kind == kind]


def read_corpus() -> list[MarkedText]:
    """Return the texts of the corpus."""
    lines = CORPUS.read_text("utf-8").splitlines()
    return [_parse(line) for line in lines if not line.startswith("# ")]


def _parse(line: str) -> MarkedText:
    text, spans, position = "", [], 0
    for match in _MARKED.finditer(line):
        text += line[position : match.start()]
        spans.append((KIND_BY_LETTER[match.group(1)], len(text), len(text) + len(match.group(2))))
        text += match.group(2)
        position = match.end()
    return MarkedText(text + line[position:], spans)
