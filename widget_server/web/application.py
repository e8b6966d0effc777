"""The Flask application that every process starts with.

It has settings, database, problem documents and rate limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from ..core.config import Config
from ..core.errors import Invalid, NotFound
from ..storage import db
from . import problems, rate_limits
from .host_names import HostNames
from .trusted_proxies import TrustedProxies


class App(Flask):
    """Flask without its check whether a function is asynchronous.

    Flask checks before each call, and none of our functions is asynchronous.
    """

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def make_app(name: str, config: Config, *, read_only: bool) -> Flask:
    """Return an application without routes.

    `read_only` leaves out the writing connection.
    """
    app = App(name, static_folder=None)
    configure_app(app, config)
    db.init_app(app, config.database_url, read_only=read_only, direct_url=config.database_direct_url)
    rate_limits.init_app(app, config.limiter_url)
    problems.init_app(app)
    app.before_request(refuse_nul)
    return app


def refuse_nul() -> None:
    """Raise NotFound or Invalid for an address with a NUL, which PostgreSQL cannot compare with a stored text."""
    if "\0" in request.path:
        raise NotFound("Address contains a NUL character; remove `%00` from it.")
    if b"%00" in request.query_string:
        name = next((name for name, value in request.args.items(multi=True) if "\0" in value), None)
        pointer = None if name is None or "\0" in name else f"/{name}"
        raise Invalid("Query contains a NUL character; remove `%00` from it.", pointer=pointer)


def configure_app(app: Flask, config: Config) -> None:
    """Set the values that the parts of the application read from `app.config`."""
    app.config["TILFREDS"] = config
    app.config["SECRET_KEYS"] = config.secret_keys
    app.config["PUBLIC_URL"] = config.base_url
    app.config["MAX_CONTENT_LENGTH"] = config.max_api_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = config.max_api_body_bytes
    app.config["TRUSTED_HOSTS"] = trusted_hosts(config)
    app.wsgi_app = HostNames(app.wsgi_app)  # type: ignore[method-assign]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if isinstance(config.trusted_proxies, tuple):
        app.wsgi_app = TrustedProxies(app.wsgi_app, config.trusted_proxies)  # type: ignore[method-assign]
    elif config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]


def trusted_hosts(config: Config) -> list[str]:
    """Return the host names that this server accepts.

    They are that of its address, and loopback for local health checks.
    """
    host = config.base_url.split("://", 1)[1].split("/", 1)[0]
    name = host if host.startswith("[") else host.split(":", 1)[0]
    return [name, "localhost", "127.0.0.1", "[::1]"]
