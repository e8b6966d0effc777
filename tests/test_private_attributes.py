"""The private attributes of libraries that the product uses, each with its present signature.

A library may change them in any version, and no other check would notice before a request fails.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_smorest
import pytest
from environs import Env
from granian import _signals
from sqlalchemy import Connection

from tests.test_architecture import PACKAGE, relative_path, sources

#: Documented by their libraries: named tuples, fields of marshmallow, proxies of Flask, `os` and `logging`.
DOCUMENTED = {
    "_replace",
    "_make",
    "_asdict",
    "_fields",
    "_mapping",
    "_deserialize",
    "_serialize",
    "_validate",
    "_get_current_object",
    "_exit",
    "_srcfile",
}
#: Each with its parameters.
PRIVATE: dict[str, tuple[Callable[..., Any], list[str]]] = {
    "_handle_dbapi_exception": (
        Connection._handle_dbapi_exception,
        ["self", "e", "statement", "parameters", "cursor", "context", "is_sub_exec"],
    ),
    "_register_error_handlers": (flask_smorest.Api._register_error_handlers, ["self"]),
    "_get_value": (Env._get_value, ["self", "env_key", "default"]),
    "set_main_signals": (_signals.set_main_signals, ["interrupt_handler", "reload_handler"]),
}


def private_names(path: Path) -> Iterator[str]:
    """Yield attributes of other objects that begin with an underscore, including methods of library classes."""
    tree = ast.parse(path.read_text())
    own_names = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if not is_own and node.attr not in own_names:
                yield node.attr


@pytest.mark.slow
def test_every_private_attribute_is_documented_or_watched() -> None:
    uses = {f"{relative_path(path)}: {name}" for path in sources() for name in private_names(path)}
    allowed_names = DOCUMENTED | PRIVATE.keys()
    assert {use for use in uses if use.rpartition(" ")[2] not in allowed_names} == set()
    assert len(uses) > 5


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_function_keeps_its_parameters(name: str) -> None:
    function, parameters = PRIVATE[name]
    assert list(inspect.signature(function).parameters) == parameters
    assert any(name in path.read_text() for path in PACKAGE.rglob("*.py")), "no longer used: remove it from the list"
