"""Read the form of a group of settings into the API's document, and show stored values in its fields."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from ...core import tokens
from ...core.errors import Invalid
from ...settings.schemas import SiteChanges
from ...settings.service import to_settings
from ...sites.models import Site
from ...web.schema_loading import load_fields
from ...web.translations import translate as _
from .setting import Setting

MAX_TEXT_LENGTH = 20_000
MAX_CHECKS = 100
#: A longer value of a setting is cut where the page only names it.
MAX_SHOWN_LENGTH = 200
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
NUMBER = re.compile(r"[0-9]{1,3}([.,][0-9]{1,6})?")
Problems = dict[str, str]
Typed = Mapping[str, Any]


def stored_values(site: Site, settings: Iterable[Setting]) -> dict[str, Any]:
    """Return what the fields show of the stored settings, by name."""
    return {setting.name: _to_field(setting, _find(site, setting.name)) for setting in settings}


def typed_values(form: MultiDict[str, str], settings: Iterable[Setting]) -> dict[str, Any]:
    """Return what was typed into the fields, by name: text, a list of languages, or whether a box is checked."""
    return {setting.name: _read(form, setting) for setting in settings}


def read_changes(site: Site, settings: Iterable[Setting], typed: Typed) -> dict[str, Any]:
    """Return the columns that the form describes, checked for their shape.

    Raises: Invalid: a field has a wrong value; the pointer names it.
    """
    document: dict[str, Any] = {}
    for setting in settings:
        column, *path = setting.name.split(".")
        if column not in document:
            document[column] = copy.deepcopy(getattr(site, column))
        if path:
            _set_part(document[column], path, setting, typed[setting.name])
        else:
            document[column] = _to_value(setting, typed[setting.name])
    return load_fields(SiteChanges(), document)


def to_problem(error: Invalid, settings: Iterable[Setting]) -> Problems:
    """Return the message of an error by the name of its field.

    It is the field that contains the wrong value, or the first one of a wrong part; "" if there is neither.
    """
    path = (error.pointer or "").strip("/").replace("/", ".")
    names = [setting.name for setting in settings]
    outer = [name for name in names if f"{path}.".startswith(f"{name}.")]
    inner = [name for name in names if name.startswith(f"{path}.")]
    return {max(outer, key=len, default=next(iter(inner), "")): error.detail}


def fingerprint(site: Site, settings: Iterable[Setting]) -> str:
    """Return a hash of the stored settings, which shows whether someone changed them while the form was open."""
    columns = dict.fromkeys(setting.column for setting in settings)
    return tokens.digest(json.dumps(to_settings(site, columns), sort_keys=True))


def list_differences(site: Site, settings: Iterable[Setting], typed: Typed) -> list[tuple[str, str]]:
    """Return the label and the stored value of each setting whose field shows something else."""
    settings = tuple(settings)
    stored = stored_values(site, settings)
    different = [setting for setting in settings if stored[setting.name] != typed[setting.name]]
    return [(_(setting.label), _to_text(setting, stored[setting.name])) for setting in different]


def _to_text(setting: Setting, value: Any) -> str:
    """Return the value of a field in words, which is the default if the field is empty."""
    if isinstance(value, bool):
        return _("On") if value else _("Off")
    parts = value if isinstance(value, list) else str(value).split("\n")
    texts = [_(setting.choices[part]) if setting.choices.get(part) else part for part in parts if part]
    return ", ".join(texts)[:MAX_SHOWN_LENGTH] or _(setting.default)


def _find(site: Site, name: str) -> Any:
    """Return the value at the path of a setting, or None."""
    column, *path = name.split(".")
    value = getattr(site, column)
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _to_field(setting: Setting, value: Any) -> Any:
    if setting.control == "part":
        return value is not None
    if setting.control in ("switch", "languages", "checks"):
        return value
    if setting.control == "lines":
        return "\n".join(value)
    if setting.control == "percent":
        return f"{value * 100:g}"
    return "" if value is None else str(value)


def _read(form: MultiDict[str, str], setting: Setting) -> Any:
    if setting.control in ("switch", "part"):
        return setting.name in form
    if setting.control == "checks":
        return form.getlist(setting.name)[:MAX_CHECKS]
    text = form.get(setting.name, "")[:MAX_TEXT_LENGTH].replace("\r", "")
    if setting.control == "languages":
        others = [*form.getlist("more_languages"), *form.get("other_languages", "").replace(",", " ").split()]
        return list(dict.fromkeys([text, *others]))
    return text.strip()


def _to_value(setting: Setting, typed: Any) -> Any:
    """Return the value in the API's document. Text that is no number stays text, which the schema rejects."""
    if setting.control == "lines":
        return typed.split()
    if setting.control == "number":
        return int(typed) if WHOLE_NUMBER.fullmatch(typed) else typed
    if setting.control == "percent":
        return float(typed.replace(",", ".")) / 100 if NUMBER.fullmatch(typed) else typed
    return typed


def _set_part(part: dict[str, Any], path: list[str], setting: Setting, typed: Any) -> None:
    """Set a part of a column, or remove it: an empty field means the default. Parts of a missing part are skipped."""
    name, *rest = path
    is_empty = typed in ("", False)
    if rest:
        if name in part or not (is_empty or setting.needs_parent):
            _set_part(part.setdefault(name, {}), rest, setting, typed)
            if not part[name] and not setting.needs_parent:
                del part[name]
    elif is_empty:
        part.pop(name, None)
    elif setting.control == "part":
        part.setdefault(name, {})
    else:
        part[name] = _to_value(setting, typed)
