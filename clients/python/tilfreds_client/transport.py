"""HTTP calls with retries, and problems as exceptions."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from .errors import Refused, Unreachable

#: Temporary failures, which are tried again: too many calls, a restarting server, an unavailable database.
TEMPORARY_STATUSES = (429, 502, 503, 504)
#: If the server asks for a longer wait, the call fails with its response.
MAX_WAIT_SECONDS = 10.0
DEFAULT_WAIT_SECONDS = 0.5


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A handler that turns a redirect into an error, because following it would send the API key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Transport:
    """Calls with one API key."""

    def __init__(self, base_url: str, api_key: str, timeout: float, tries: int) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError("`base_url` must be the address of your Tilfreds server, such as https://tilfreds.example")
        self.api = f"{base_url.rstrip('/')}/api/v1"
        self.headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        self.timeout = timeout
        self.tries = max(1, tries)
        self.opener = urllib.request.build_opener(NoRedirects)

    def call(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of the response, or None for an empty one.

        Raises:
            Refused: the server rejected the call permanently, or in every try.
            Unreachable: no try received a response.
        """
        request = self.to_request(method, path, body, query)
        for remaining_tries in reversed(range(self.tries)):
            try:
                with self.opener.open(request, timeout=self.timeout) as response:
                    content = response.read()
                return json.loads(content) if content else None
            except urllib.error.HTTPError as error:
                refusal = to_refusal(error)
                wait = DEFAULT_WAIT_SECONDS if refusal.retry_after is None else refusal.retry_after
                if not remaining_tries or refusal.status not in TEMPORARY_STATUSES or wait > MAX_WAIT_SECONDS:
                    raise refusal from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                wait = DEFAULT_WAIT_SECONDS
                if not remaining_tries:
                    raise Unreachable(f"{method} {path}: no response from {self.api} ({error})") from error
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def to_request(self, method: str, path: str, body: Any, query: Mapping[str, Any] | None) -> urllib.request.Request:
        """Return the request of a call. Query parameters with None are left out."""
        parameters = {name: to_text(value) for name, value in (query or {}).items() if value is not None}
        url = f"{self.api}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
        headers = dict(self.headers)
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return urllib.request.Request(url, content, headers, method=method)  # noqa: S310 - checked above to be http(s)


def to_text(value: Any) -> str:
    """Return a filter's value as a query string has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def to_refusal(error: urllib.error.HTTPError) -> Refused:
    """Return the problem of a response. A proxy's page has none, so its status is used."""
    with error:
        try:
            problem = json.loads(error.read())
        except (ValueError, OSError, http.client.HTTPException):
            problem = None
        if not isinstance(problem, dict):
            problem = {"detail": f"The response has no problem document: {error.reason}"}
        retry_after = error.headers.get("Retry-After", "")
        return Refused(
            error.code,
            str(problem.get("code", "unknown")),
            str(problem.get("detail", "")),
            problem.get("pointer"),
            float(retry_after) if retry_after.isdecimal() else None,
        )
