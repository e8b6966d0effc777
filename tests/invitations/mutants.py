"""Texts that are nearly a token: every flipped bit, cuts, swaps, spellings and splices."""

from __future__ import annotations

import string
from collections.abc import Iterator
from itertools import pairwise

ALPHABET = string.ascii_letters + string.digits + "-_"


def bit_flips(text: str) -> Iterator[str]:
    """Each of the 8 bits of each character, as far as the result is a character at all."""
    for place, character in enumerate(text):
        for bit in range(8):
            yield text[:place] + chr(ord(character) ^ (1 << bit)) + text[place + 1 :]


def other_letters(text: str) -> Iterator[str]:
    """Each character replaced by others of base64url, the last one by all: its low bits may mean nothing."""
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
    """The same bytes in other letters, and what a lax parser lets pass."""
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
    """Two neighbours exchanged."""
    for place, (one, two) in enumerate(pairwise(text)):
        yield text[:place] + two + one + text[place + 2 :]


def splices(text: str, other: str) -> Iterator[str]:
    """The head of one good token with the tail of another."""
    for place in range(1, len(text)):
        yield text[:place] + other[place:]
        yield other[:place] + text[place:]


def mutants(text: str, other: str) -> set[str]:
    """All of them, without the two good ones."""
    makers = (bit_flips(text), other_letters(text), cuts(text), spellings(text), swaps(text), splices(text, other))
    return {mutant for maker in makers for mutant in maker} - {text, other}
