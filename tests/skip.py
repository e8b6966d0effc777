"""Skip tests that need a program which the machine does not have."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip_missing(sentence: str) -> NoReturn:
    """Skip with a sentence that says what to install. In CI fail instead, as all programs must be installed there."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
