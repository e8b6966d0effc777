"""A single warning to the operator when requests come through a proxy that is not trusted."""

import logging
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ..core.config import Config
from ..web.trusted_proxies import is_in

log = logging.getLogger("tilfreds.serve")

HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP")
NO_PROXY = (
    "A request came through a proxy but TRUSTED_PROXIES is 0: all visitors share one address. "
    "Set TRUSTED_PROXIES to the number of proxies in front of this server, or to their addresses."
)
OTHER_PROXY = (
    "A request with a forwarding header came from an address that TRUSTED_PROXIES does not name; the header is ignored."
)


def warn_once(app: WSGIApplication, config: Config) -> WSGIApplication:
    """Wrap the application so that the first forwarded request of an untrusted proxy logs a warning."""
    proxies = config.trusted_proxies
    networks = proxies if isinstance(proxies, tuple) else ()
    if proxies and not networks:
        return app
    warned = False

    def watched_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        nonlocal warned
        is_forwarded = not warned and any(header in environ for header in HEADERS)
        if is_forwarded and not is_in(networks, environ.get("REMOTE_ADDR", "")):
            warned = True
            log.warning(OTHER_PROXY if networks else NO_PROXY)
        return app(environ, start_response)

    return watched_app
