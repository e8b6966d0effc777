"""The masks of a text, measured against a corpus with marked personal data, and their invariants."""

from __future__ import annotations

import random

import pytest

from widget_server.core import redaction

from .corpus import MarkedText, read_corpus

#: Misses are marked spans of which a digit or letter stays; false alarms are texts in which something unmarked is
#: masked. The documentation states these figures (docs/guides/privacy.md).
EXPECTED = {"card": (45, 3, 1), "email": (31, 6, 0), "phone": (60, 6, 4)}


def measure(kind: str, texts: list[MarkedText]) -> tuple[int, list[str], list[str]]:
    """Return how many spans are marked, those that were missed, and the texts with a false alarm."""
    missed, false_alarms, marked_count = [], [], 0
    for item in texts:
        masked, _ = redaction.redact(item.text, {kind})
        spans = item.spans_of(kind)
        marked_count += len(spans)
        missed += [item.text[start:end] for start, end in spans if any(map(str.isalnum, masked[start:end]))]
        changed = [place for place, letter in enumerate(masked) if letter != item.text[place]]
        if any(not any(start <= place < end for start, end in spans) for place in changed):
            false_alarms.append(f"{item.text} -> {masked}")
    return marked_count, missed, false_alarms


def test_misses_and_false_alarms_in_the_corpus(subtests: pytest.Subtests) -> None:
    """A change of the rates, in either direction, must be stated."""
    texts = read_corpus()
    for kind in redaction.KINDS:
        with subtests.test(kind=kind):
            marked_count, missed, false_alarms = measure(kind, texts)
            figures = marked_count, len(missed), len(false_alarms)
            assert figures == EXPECTED[kind], "\n".join([*missed, "-- false alarms", *false_alarms])


def test_a_mask_keeps_the_length_and_masks_nothing_twice() -> None:
    for item in read_corpus():
        masked, _ = redaction.redact(item.text, redaction.KINDS)
        assert len(masked) == len(item.text)
        assert redaction.redact(masked, redaction.KINDS) == (masked, {})


def test_no_kind_masks_nothing() -> None:
    text = "4111 1111 1111 1111 anna@example.com +45 12 34 56 78"
    assert redaction.redact(text, ()) == (text, {})
    masked, counts = redaction.redact(text, redaction.KINDS)
    assert masked == "•••• •••• •••• •••• ••••@•••••••.••• +•• •• •• •• ••"
    assert counts == {"card": 1, "email": 1, "phone": 1}


def test_few_random_order_numbers_are_taken_for_cards() -> None:
    """One number of ten has a correct check digit; prefix and length leave about a quarter of those."""
    source = random.Random(19)
    numbers = ["".join(source.choices("0123456789", k=16)) for _ in range(20_000)]
    assert 0.02 < sum(map(redaction.is_card, numbers)) / len(numbers) < 0.035
