"""The type of a row is a promise about a query: each attribute of it is a column of the query."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from widget_server import ratings, sites, subjects
from widget_server.storage.prepared import PreparedQuery


def prepared_queries() -> Iterator[tuple[str, PreparedQuery[Any]]]:
    for package in (ratings, sites, subjects):
        for module_info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in vars(import_module(module_info.name)).items():
                if isinstance(value, PreparedQuery):
                    yield f"{module_info.name}.{name}", value


def attributes_of(row_class: type) -> set[str]:
    """Return the annotated attributes and the properties of a protocol or a named tuple."""
    names: set[str] = set()
    for base in row_class.__mro__:
        names |= set(vars(base).get("__annotations__", {}))
        names |= {name for name, value in vars(base).items() if isinstance(value, property)}
    return {name for name in names if not name.startswith("_")}


def test_every_attribute_of_a_row_is_a_column_of_its_query(subtests: pytest.Subtests) -> None:
    checked = 0
    for name, query in prepared_queries():
        [row_class] = vars(query)["__orig_class__"].__args__
        columns = {column.name for column in query.statement.selected_columns}
        with subtests.test(query=name):
            assert attributes_of(row_class) <= columns
        checked += len(attributes_of(row_class))
    assert checked > 50
