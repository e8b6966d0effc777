"""Tells the operator, once, that a proxy stands in front and none is trusted."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from ..core.config import Config

log = logging.getLogger("tilfreds.serve")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP")


def warn_once(app: Wsgi, config: Config) -> Wsgi:
    """The same application; with no trusted proxy, the first forwarded request writes a line to the log."""
    if config.trusted_proxies:
        return app
    warned = False

    def watched(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal warned
        if not warned and any(header in environ for header in HEADERS):
            warned = True
            log.warning(
                "A request came through a proxy, and TRUSTED_PROXIES is 0: every visitor counts as one address. "
                "Set TRUSTED_PROXIES to the number of proxies in front of this server."
            )
        return app(environ, start_response)

    return watched
