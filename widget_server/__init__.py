"""Tilfreds asks one question at the right moment, and puts the answer where an agent can act on it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from flask import Flask

    from .core.config import Config

Role = Literal["web", "live"]
#: The edges of each process: "web" is all that people and pages call, "live" holds the event streams alone.
EDGES: dict[Role, tuple[str, ...]] = {"web": ("widget", "api", "agent", "console"), "live": ("live",)}


def create_app(config: Config, *, role: Role = "web") -> Flask:
    """Return the application of one process.

    Every command imports this package and most commands need no web framework, so the parts are imported here. A
    process imports its own edges only.
    """
    foundation = import_module(".web.application", __name__)
    app: Flask = foundation.make_app(__name__, config, read_only=role == "live" and config.is_sqlite)
    if role == "web" and not config.is_sqlite:
        engines = import_module(".storage.db", __name__).engines_of(app)
        import_module(".events.pg_notify", __name__).Notifier(engines.write, engines.direct)
    for edge in EDGES[role]:
        import_module(f".{edge}.blueprint", __name__).init_app(app)
    return app
