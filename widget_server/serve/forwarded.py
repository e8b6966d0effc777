"""A single warning to the operator when requests come through a proxy that is not trusted."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from ..core.config import Config

log = logging.getLogger("tilfreds.serve")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP")


def warn_once(app: Wsgi, config: Config) -> Wsgi:
    """Wrap the application so that the first forwarded request logs a warning, unless a proxy is trusted."""
    if config.trusted_proxies:
        return app
    warned = False

    def watched_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal warned
        if not warned and any(header in environ for header in HEADERS):
            warned = True
            log.warning(
                "A request came through a proxy but TRUSTED_PROXIES is 0: all visitors share one address. "
                "Set TRUSTED_PROXIES to the number of proxies in front of this server."
            )
        return app(environ, start_response)

    return watched_app
