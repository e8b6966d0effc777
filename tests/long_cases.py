"""Mark the cases of a test that `make test` leaves to `make test-long`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def cases(every: Iterable[Any], *, short: Collection[Any]) -> list[Any]:
    """Return the cases for `parametrize`, with all but the short ones marked long.

    A case of several values is a tuple.
    """
    all_cases = list(every)
    unknown = [case for case in short if case not in all_cases]
    assert unknown == [], f"no cases of this test: {unknown}"
    return [case if case in short else long(case) for case in all_cases]


def long(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.long)
