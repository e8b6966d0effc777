"""Applications that tests share, because making one costs more than most tests.

Each test starts without what an earlier one left: counts of limits and metrics, changed settings, and connections.
Those to PostgreSQL stay open for the next test with the same settings, because a new one costs as much as a test.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from widget_server import create_app
from widget_server.api.health.views import EXTENSION
from widget_server.core.config import Config
from widget_server.web import rate_limits


class Applications:
    """The applications of a test run, one for each combination of settings."""

    def __init__(self) -> None:
        self.entries: dict[Config, tuple[Flask, dict[str, Any]]] = {}
        self.connected: Flask | None = None

    @contextmanager
    def lend(self, config: Config) -> Iterator[Flask]:
        """Yield an application with these settings, in its initial state."""
        # Each test has a separate data folder, which only the settings refer to.
        key = dataclasses.replace(config, data_dir=Path(), secret_file=Path("secret"), backup_dir=Path("backups"))
        if key not in self.entries:
            app = create_app(config)
            self.entries[key] = (app, dict(app.config))
        app, settings = self.entries[key]
        app.config.clear()
        app.config.update(settings, TILFREDS=config)
        rate_limits.init_app(app, config.limiter_url)
        app.extensions[EXTENSION].labelled.clear()
        app.extensions[EXTENSION].requests.clear()
        app.extensions[EXTENSION].durations.clear()
        if self.connected is not app and not config.is_sqlite:
            self.disconnect()
        yield app
        if config.is_sqlite:
            app.extensions["tilfreds_engines"].dispose()
        else:
            self.connected = app

    def disconnect(self) -> None:
        """Close the connections to PostgreSQL that were left open for the next test."""
        if self.connected is not None:
            self.connected.extensions["tilfreds_engines"].dispose()
            self.connected = None
