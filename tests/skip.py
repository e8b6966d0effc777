"""What a test does where the machine lacks a program that it needs."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip_missing(sentence: str) -> NoReturn:
    """Skip with the sentence that says what to install; in CI everything must be there, so fail."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
