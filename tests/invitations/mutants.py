"""Texts that are almost a token: flipped bits, other letters, cuts, swaps, spellings and splices."""

from __future__ import annotations

import string
from collections.abc import Iterator
from itertools import pairwise

ALPHABET = string.ascii_letters + string.digits + "-_"


def bit_flips(text: str) -> Iterator[str]:
    """Yield the text with each of the 8 bits of each character flipped."""
    for place, character in enumerate(text):
        for bit in range(8):
            yield text[:place] + chr(ord(character) ^ (1 << bit)) + text[place + 1 :]


def other_letters(text: str) -> Iterator[str]:
    """Yield the text with each character replaced by others of base64url.

    The last two are replaced by all others, because a lax decoder may ignore their low bits.
    """
    for place, character in enumerate(text):
        step = 1 if place >= len(text) - 2 else 7
        for letter in ALPHABET[place % step :: step]:
            if letter != character:
                yield text[:place] + letter + text[place + 1 :]


def cuts(text: str) -> Iterator[str]:
    for place in range(len(text)):
        yield text[:place]
        yield text[place + 1 :]
        yield text[:place] + text[place + 1 :]


def spellings(text: str) -> Iterator[str]:
    """Yield other spellings of the same bytes, and texts that a lax parser may accept."""
    for extra in ("=", "==", " ", "\t", "\n", "\r\n", ".", "._", "A", "AAAA", "%00", "\u200b", "é"):
        yield text + extra
        yield extra + text
    yield text + "." + text
    yield text + text
    yield text.upper()
    yield text.lower()
    yield text.swapcase()
    yield text[::-1]
    yield text.translate(str.maketrans("-_", "+/"))
    yield text.replace(".", "")
    yield text.replace(".", "..")
    yield text.replace(".", "=.")
    yield ""
    yield "null"
    yield "."
    yield ".."


def swaps(text: str) -> Iterator[str]:
    """Yield the text with two neighbouring characters exchanged."""
    for place, (one, two) in enumerate(pairwise(text)):
        yield text[:place] + two + one + text[place + 2 :]


def splices(text: str, other: str) -> Iterator[str]:
    """Yield the head of one valid token with the tail of another."""
    for place in range(1, len(text)):
        yield text[:place] + other[place:]
        yield other[:place] + text[place:]


def mutants(text: str, other: str) -> set[str]:
    """Return all mutants, without the two valid tokens."""
    generators = (bit_flips(text), other_letters(text), cuts(text), spellings(text), swaps(text), splices(text, other))
    return {mutant for generator in generators for mutant in generator} - {text, other}
