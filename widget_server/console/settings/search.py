"""Find settings by their words, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.text import fold
from ...web.translations import translate as _
from .group import Group
from .groups import GROUPS, SETTINGS
from .setting import Setting


def find_settings(query: str) -> list[tuple[Group, Setting | None]]:
    """Return the settings, and the groups themselves, whose texts contain all words of a query."""
    words = fold(query).split()
    hits: list[tuple[Group, Setting | None]] = [(group, None) for group in GROUPS if _has(words, group)]
    return hits + [(group, setting) for group, setting in SETTINGS if _has(words, setting, group.label)]


def labels_of(columns: Iterable[str]) -> list[str]:
    """Return the labels of columns in the audit log; the label of their group for one with many settings."""
    labels = []
    for column in columns:
        group, setting = next(
            ((group, setting) for group, setting in SETTINGS if setting.column == column), (None, None)
        )
        if setting is None or group is None:
            labels.append(column)
        else:
            labels.append(_(setting.label if setting.name == column else group.label))
    return list(dict.fromkeys(labels))


def acts_on_pages(columns: Iterable[str]) -> bool:
    """Return whether pages show a change of these columns."""
    shown_columns = {setting.column for _group, setting in SETTINGS if setting.place == "pages"}
    return not shown_columns.isdisjoint(columns)


def _has(words: list[str], item: Group | Setting, more: str = "") -> bool:
    name = item.name if isinstance(item, Setting) else item.slug
    text = fold(" ".join([_(item.label), _(item.help), name, _(more) if more else ""]))
    return all(word in text for word in words)
