"""JSON that cannot hurt: nothing in a body is read twice in two ways, runs deep, or is larger than it looks."""

from __future__ import annotations

import json
import math
from typing import Any

from ..core.errors import DomainError, Invalid

#: Nothing we read is nested deeper; a bomb of brackets ends here.
DEEPEST = 16
#: A digit more than the longest whole number that any field takes.
MAX_DIGITS = 20
#: What people are told of the names that they gave.
MAX_NAME_LENGTH = 100


class Unreadable(DomainError):
    """The body is no JSON: 400."""

    status = 400


def parse(data: bytes) -> Any:
    """The value of a JSON text; a 400 when it is none, a 422 when it says one thing twice."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_int,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise Unreadable("The body is not UTF-8.") from error
    except RecursionError as error:
        raise Unreadable("The body is nested too deeply.") from error
    except ValueError as error:
        raise Unreadable(f"The body is not JSON: {error}.") from error
    if _depth(value) > DEEPEST:
        raise Unreadable("The body is nested too deeply.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise Invalid(f"The field {clean_name(name)} is given twice.")
            seen.add(name)
    return made


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Invalid("A number has too many digits.")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Invalid("A number is too large.")
    return value


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _depth(value: Any) -> int:
    """How many containers stand in one another, counted without recursion."""
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            break
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


def clean_name(name: str) -> str:
    """A field's name as far as it can be repeated to people."""
    return name[:MAX_NAME_LENGTH].encode("utf-8", "replace").decode("utf-8")
