"""Text as it is searched: what somebody takes for the same letters is the same text, on every database.

Databases fold letters each in its own way, SQLite those of English alone. So the folded text is made here, once, and
kept beside the original; then any database finds it by comparing letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

#: The dotted and the dotless I of Turkish, which others type as i; Arabic's vowel signs and its letter stretcher,
#: which most people leave out; the soft hyphen and what has no width.
_ALIKE: dict[int, str | None] = {
    0x130: "i",
    0x131: "i",
    **dict.fromkeys([*range(0x64B, 0x653), 0x670, 0x640, 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF]),
}
#: How much is shown before the place that was found, and how much in all.
BEFORE, SHOWN = 24, 120


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether it is what was searched for."""

    text: str
    is_found: bool = False


def has_controls(text: str) -> bool:
    """Whether it holds a control character: none belongs into a name, an id or a line."""
    return not text.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in text)


def fold(text: str) -> str:
    """Without the difference of capitals, of ways to write the same letter, and of white space.

    >>> fold("GRÖSSE  Straße"), fold("DİYARBAKIR ılık"), fold("på")
    ('grösse strasse', 'diyarbakir ilik', 'på')
    """
    return _fold_letters(" ".join(text.split()))


def _fold_letters(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).translate(_ALIKE).casefold())


def pieces(text: str, wanted: str) -> list[Piece]:
    """A line of `text` around the first place that holds `wanted`; its beginning when no place of it does."""
    line = " ".join(text.split())
    found = _place(line, fold(wanted))
    if found is None:
        return [Piece(_cut(line, SHOWN))]
    start, end = found
    first = max(0, start - BEFORE)
    before = ("…" if first else "") + line[first:start]
    parts = [Piece(before), Piece(line[start:end], True), Piece(_cut(line[end:], SHOWN))]
    return [part for part in parts if part.text]


def _place(line: str, folded: str) -> tuple[int, int] | None:
    """Where in `line` the letters stand that fold to `folded`."""
    starts: list[int] = []
    ends: list[int] = []
    whole = ""
    for start, end in _letters(line):
        part = _fold_letters(line[start:end])
        whole += part
        starts += [start] * len(part)
        ends += [end] * len(part)
    at = whole.find(folded) if folded else -1
    return None if at < 0 else (starts[at], ends[at + len(folded) - 1])


def _letters(line: str) -> Iterator[tuple[int, int]]:
    """Each letter with the marks that are written on it."""
    start = 0
    for index in range(1, len(line) + 1):
        if index == len(line) or not unicodedata.combining(line[index]):
            yield start, index
            start = index


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
