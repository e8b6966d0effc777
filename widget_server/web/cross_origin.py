"""CORS of the routes that read no cookie: any page may call them, also through its own wrapper of `fetch`."""

from __future__ import annotations

import re

from flask import Response, request

#: Field names (RFC 9110, section 5.1) between commas, and how many characters of them are repeated at most.
FIELD_NAMES = re.compile(r"[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+)*", re.ASCII)
MAX_FIELD_NAMES_LENGTH = 1_000


def allow_any_origin(response: Response) -> None:
    """Let any page read the response, also one whose wrapper of `fetch` sends credentials with every request.

    A browser hands over a response to a request with credentials only if it names the page's origin. The credentials
    change nothing, because no route that calls this reads a cookie.
    """
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    response.headers["Access-Control-Allow-Origin"] = origin or "*"
    if origin:
        response.headers["Access-Control-Allow-Credentials"] = "true"


def allow_request_headers(response: Response, usual: str) -> None:
    """Allow the headers that a preflight names, or the `usual` ones if it names none.

    Tools that measure a page add headers such as `traceparent` to each of its requests; nothing reads them.
    """
    requested = request.headers.get("Access-Control-Request-Headers", "")
    is_list = len(requested) <= MAX_FIELD_NAMES_LENGTH and FIELD_NAMES.fullmatch(requested)
    response.vary.add("Access-Control-Request-Headers")
    response.headers["Access-Control-Allow-Headers"] = requested if is_list else usual
