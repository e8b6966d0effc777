"""Settings of the whole server that are entered in the console, sealed with its secret keys. Flushes, never commits."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..core import tokens
from ..storage.db import db
from .models import ServerSetting

log = logging.getLogger("tilfreds.outbound")


def load_setting(secret_keys: Sequence[bytes], name: str) -> dict[str, Any] | None:
    """Return the stored values of a setting; None if it is not stored, or its secret key is lost."""
    setting = db.session.get(ServerSetting, name)
    if setting is None:
        return None
    try:
        values: dict[str, Any] = json.loads(tokens.unseal(secret_keys, setting.value))
    except tokens.BadToken:
        log.warning("the setting %s was stored under another secret key: enter it again", name)
        return None
    return values


def store_setting(secret_keys: Sequence[bytes], name: str, values: Mapping[str, Any] | None, now: datetime) -> None:
    """Store the values of a setting; None removes it."""
    setting = db.session.get(ServerSetting, name)
    if values is None:
        if setting is not None:
            db.session.delete(setting)
    else:
        sealed = tokens.seal(secret_keys, json.dumps(dict(values)).encode())
        if setting is None:
            db.session.add(ServerSetting(name=name, value=sealed, changed_at=now))
        else:
            setting.value, setting.changed_at = sealed, now
    db.session.flush()
