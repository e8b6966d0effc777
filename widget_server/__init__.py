"""Tilfreds asks one question at the right moment, and puts the answer where somebody can act on it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from .core.config import Config
from .events.pg_notify import Notifier
from .storage.db import db
from .web import problems, rate_limits

Role = Literal["web", "live"]
#: The edges of each process: "web" is all that people and pages call, "live" holds the event streams alone.
EDGES: dict[Role, tuple[str, ...]] = {"web": ("widget", "api", "agent", "console"), "live": ("live",)}


class App(Flask):
    """Flask, but for its question before each call whether a function is asynchronous: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(config: Config, *, role: Role = "web") -> Flask:
    """Return the application of one process."""
    app = App(__name__, static_folder=None)
    configure(app, config)
    db.init_app(app, url=config.database_url, read_only=role == "live" and config.is_sqlite)
    rate_limits.init_app(app, config.limiter_url)
    problems.init_app(app)
    if role == "web" and not config.is_sqlite:
        Notifier(app.extensions["tilfreds_engines"].write)
    for edge in EDGES[role]:
        # A process loads only its own edges, so a command and the live process start in half the time.
        import_module(f".{edge}.blueprint", __name__).init_app(app)
    return app


def configure(app: Flask, config: Config) -> None:
    """What the parts read from `app.config`; they never read settings themselves."""
    app.config["TILFREDS"] = config
    app.config["SECRET_KEYS"] = config.secret_keys
    app.config["PUBLIC_URL"] = config.base_url
    app.config["MAX_CONTENT_LENGTH"] = config.max_api_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = config.max_api_body_bytes
    app.config["TRUSTED_HOSTS"] = trusted_hosts(config)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]


def trusted_hosts(config: Config) -> list[str]:
    """Names this server answers to: its own, and loopback for health checks from the machine itself."""
    host = config.base_url.split("://", 1)[1].split("/", 1)[0]
    name = host if host.startswith("[") else host.split(":", 1)[0]
    return [name, "localhost", "127.0.0.1", "[::1]"]
