"""Which cases of a test `make test` runs, and which are left to `make test-long`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def cases(every: Iterable[Any], *, short: Collection[Any]) -> list[Any]:
    """Every case for `parametrize`; all but the short ones are long. A case of several values is a tuple."""
    made = list(every)
    unknown = [one for one in short if one not in made]
    assert unknown == [], f"no cases of this test: {unknown}"
    return [one if one in short else long(one) for one in made]


def long(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.long)
