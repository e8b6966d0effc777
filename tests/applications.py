"""Applications that tests take turns with: making one costs more than most tests.

What a test leaves in one is taken away: open connections, counts of limiter and metrics, changed settings.
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
    def __init__(self) -> None:
        self.made: dict[Config, tuple[Flask, dict[str, Any]]] = {}

    @contextmanager
    def lend(self, config: Config) -> Iterator[Flask]:
        """An application with these settings, as if just made."""
        # Each test has a data folder of its own, which nothing but the settings remembers.
        key = dataclasses.replace(config, data_dir=Path(), secret_file=Path("secret"), backup_dir=Path("backups"))
        if key not in self.made:
            app = create_app(config)
            self.made[key] = (app, dict(app.config))
        app, settings = self.made[key]
        app.config.clear()
        app.config.update(settings, TILFREDS=config)
        rate_limits.init_app(app, config.limiter_url)
        app.extensions[EXTENSION].labelled.clear()
        app.extensions[EXTENSION].requests.clear()
        app.extensions[EXTENSION].durations.clear()
        yield app
        app.extensions["tilfreds_engines"].dispose()
