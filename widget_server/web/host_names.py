"""The host name that a request asks for, before it is compared with the server's names."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

#: Load balancers ask for these by address or by any name; their responses contain no address.
HEALTH_PATHS = frozenset({"/health/live", "/health/ready", "/live/health"})


class HostNames:
    """A WSGI middleware that writes host names in one form, and accepts any name for health checks."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in HEALTH_PATHS:
            environ["HTTP_HOST"] = "localhost"
        elif "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = normalize_host(environ["HTTP_HOST"])
        return self.app(environ, start_response)


def normalize_host(host: str) -> str:
    """Return a host in lower case without the final dot, which names the root of the domain name system."""
    name, separator, port = host.lower().partition(":")
    return name.removesuffix(".") + separator + port
