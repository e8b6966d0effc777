"""The public, cookie-less edge: what pages of other origins fetch and send to."""

from __future__ import annotations

from flask import Flask, Response, request

from .ended import ended, poll
from .marks import dismissed, seen
from .screenshots import delete_screenshot, put_screenshot
from .script import part, script
from .votes import votes

PREFIX = "/w/"
PREFLIGHT_SECONDS = "86400"
#: Methods and headers that a page may use.
USUAL = ("GET, POST", "content-type")
SCREENSHOT = ("PUT, DELETE", "authorization, content-type")
OPEN = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Retry-After"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Timing-Allow-Origin", "*"),
)


def init_app(app: Flask) -> None:
    """Register the routes. Any page may read every answer below PREFIX, refusals too; none carries credentials."""
    app.add_url_rule(f"{PREFIX}<key>.js", view_func=script)
    app.add_url_rule(f"{PREFIX}-/<name>", view_func=part)
    for view in (ended, poll, seen, dismissed, votes):
        app.add_url_rule(f"{PREFIX}<key>/{view.__name__}", view_func=view, methods=["POST"])
    picture = f"{PREFIX}<key>/votes/<uuid:vote_id>/screenshot"
    app.add_url_rule(picture, view_func=put_screenshot, methods=["PUT"])
    app.add_url_rule(picture, view_func=delete_screenshot, methods=["DELETE"])
    app.after_request(_open_to_pages)


def _open_to_pages(response: Response) -> Response:
    if not request.path.startswith(PREFIX):
        return response
    response.headers.extend(OPEN)
    if request.method == "OPTIONS":
        methods, headers = SCREENSHOT if request.path.endswith("/screenshot") else USUAL
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = headers
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response
