"""Case folding and highlights for search, the same on every database.

Each database folds letters differently, and SQLite folds only English ones. So this module folds the text once, and
the folded text is stored beside the original; then any database finds it by comparing letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

#: The dotted and the dotless I of Turkish, which others type as i; Arabic vowel signs and the kashida, which most
#: people leave out; the soft hyphen and characters without width.
_ALIKE: dict[int, str | None] = {
    0x130: "i",
    0x131: "i",
    **dict.fromkeys([*range(0x64B, 0x653), 0x670, 0x640, 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF]),
}
#: Characters of an excerpt before the match, and in all.
MAX_BEFORE, MAX_EXCERPT = 24, 120


@dataclass(frozen=True)
class Piece:
    """A piece of an excerpt, and whether it is the match."""

    text: str
    is_found: bool = False


def has_controls(text: str) -> bool:
    """Return whether a text contains a control character.

    No name, id or line may have one.
    """
    return not text.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in text)


def fold(text: str) -> str:
    """Return a text without differences of case, letter forms and white space.

    >>> fold("GRÖSSE  Straße"), fold("DİYARBAKIR ılık"), fold("på")
    ('grösse strasse', 'diyarbakir ilik', 'på')
    """
    return _fold_letters(" ".join(text.split()))


def _fold_letters(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).translate(_ALIKE).casefold())


def highlight(text: str, query: str) -> list[Piece]:
    """Return an excerpt of `text` around the first match of `query`.

    It is the beginning of the text if nothing matches.
    """
    line = " ".join(text.split())
    match_range = _find_folded(line, fold(query))
    if match_range is None:
        return [Piece(_shorten(line, MAX_EXCERPT))]
    start, end = match_range
    first = max(0, start - MAX_BEFORE)
    before = ("…" if first else "") + line[first:start]
    parts = [Piece(before), Piece(line[start:end], True), Piece(_shorten(line[end:], MAX_EXCERPT))]
    return [part for part in parts if part.text]


def _find_folded(line: str, folded: str) -> tuple[int, int] | None:
    """Return the start and end of the letters in `line` that fold to `folded`."""
    starts: list[int] = []
    ends: list[int] = []
    whole = ""
    for start, end in _letter_ranges(line):
        part = _fold_letters(line[start:end])
        whole += part
        starts += [start] * len(part)
        ends += [end] * len(part)
    at = whole.find(folded) if folded else -1
    return None if at < 0 else (starts[at], ends[at + len(folded) - 1])


def _letter_ranges(line: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each letter with its combining marks."""
    start = 0
    for index in range(1, len(line) + 1):
        if index == len(line) or not unicodedata.combining(line[index]):
            yield start, index
            start = index


def _shorten(text: str, max_length: int) -> str:
    return text if len(text) <= max_length else text[: max_length - 1] + "…"
