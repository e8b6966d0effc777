"""Strict JSON: rejects duplicate names, deep nesting and oversized numbers."""

from __future__ import annotations

import json
import math
from typing import Any

from ..core.errors import DomainError, Invalid

#: No body of ours is nested deeper, so a flood of brackets is rejected here.
MAX_DEPTH = 16
#: One digit more than the longest integer that any field accepts.
MAX_DIGITS = 20
#: Characters of a field's name in an error.
MAX_NAME_LENGTH = 100


class MalformedJson(DomainError):
    """The body is not JSON: 400."""

    status = 400


def parse_json(data: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        MalformedJson: the text is not UTF-8 or not JSON, or is nested too deeply.
        Invalid: a name occurs twice in an object, or a number is too large.
    """
    try:
        value = DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedJson("The body is not UTF-8.") from error
    except RecursionError as error:
        raise MalformedJson("The body is nested too deeply.") from error
    except ValueError as error:
        raise MalformedJson(f"The body is not JSON: {error}.") from error
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _measure_depth(value) > MAX_DEPTH:
        raise MalformedJson("The body is nested too deeply.")
    return value


def _to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names: set[str] = set()
        for name, _ in pairs:
            if name in names:
                raise Invalid(f"The field {clean_name(name)} occurs twice; send it once.")
            names.add(name)
    return members


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Invalid(f"Numbers must have at most {MAX_DIGITS} digits.")
    return int(digits)


def _parse_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Invalid("A number is too large; send a smaller one.")
    return value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _measure_depth(value: Any) -> int:
    """Return how deeply containers are nested, at most `MAX_DEPTH` + 1.

    It counts without recursion.
    """
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        if depth > MAX_DEPTH:
            break
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


#: Made once, because making it takes as long as reading the body of a vote.
DECODER = json.JSONDecoder(
    object_pairs_hook=_to_object, parse_int=_parse_int, parse_float=_parse_float, parse_constant=_refuse_constant
)


def clean_name(name: str) -> str:
    """Return a field's name for an error: shortened, and without unpaired surrogates."""
    return name[:MAX_NAME_LENGTH].encode("utf-8", "replace").decode("utf-8")
