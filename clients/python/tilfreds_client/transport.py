"""One call over HTTP: its tries, its waits, and its refusals as exceptions."""

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

#: Worth another try: too many calls, a server that restarts, a database that is away.
PASSING = (429, 502, 503, 504)
#: Nobody waits longer than this for one more try; a server that asks for more is told of as it answered.
MAX_WAIT_SECONDS = 10.0


class Nowhere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, which would carry the API key to whoever is named: it is told of as a refusal."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Transport:
    """Calls of one site's API key."""

    def __init__(self, base_url: str, api_key: str, timeout: float, tries: int) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError("`base_url` is the address of your Tilfreds, such as https://tilfreds.example")
        self.api = f"{base_url.rstrip('/')}/api/v1"
        self.headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        self.timeout = timeout
        self.tries = max(1, tries)
        self.opener = urllib.request.build_opener(Nowhere)

    def call(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON, None for an empty one. `Refused` or `Unreachable` once all tries are used up."""
        request = self.request(method, path, body, query)
        for left in reversed(range(self.tries)):
            try:
                with self.opener.open(request, timeout=self.timeout) as answer:
                    content = answer.read()
                return json.loads(content) if content else None
            except urllib.error.HTTPError as error:
                refused = to_refused(error)
                wait = 0.5 if refused.retry_after is None else refused.retry_after
                if not left or refused.status not in PASSING or wait > MAX_WAIT_SECONDS:
                    raise refused from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                wait = 0.5
                if not left:
                    raise Unreachable(f"{method} {path}: no answer of {self.api} ({error})") from error
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def request(self, method: str, path: str, body: Any, query: Mapping[str, Any] | None) -> urllib.request.Request:
        asked = {name: to_text(value) for name, value in (query or {}).items() if value is not None}
        url = f"{self.api}{path}" + (f"?{urlencode(asked)}" if asked else "")
        headers = dict(self.headers)
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return urllib.request.Request(url, content, headers, method=method)  # noqa: S310 - checked above to be http(s)


def to_text(value: Any) -> str:
    """A filter's value as the API reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def to_refused(error: urllib.error.HTTPError) -> Refused:
    """The problem in an answer; a proxy's page, which holds none, is told of by its status."""
    with error:
        try:
            problem = json.loads(error.read())
        except (ValueError, OSError, http.client.HTTPException):
            problem = None
        if not isinstance(problem, dict):
            problem = {"detail": f"An answer without a reason: {error.reason}"}
        wait = error.headers.get("Retry-After", "")
        return Refused(
            error.code,
            str(problem.get("code", "unknown")),
            str(problem.get("detail", "")),
            problem.get("pointer"),
            float(wait) if wait.isdecimal() else None,
        )
