"""The public, cookie-less edge: what pages of other origins fetch and send to."""

from __future__ import annotations

from flask import Flask, Response, request

from ..core.config import DEFAULT_WIDGET_FILE
from .chunks import serve_chunk
from .ended import ended, poll
from .impressions import dismissed, seen
from .loader import serve_loader
from .screenshots import delete_screenshot, put_screenshot
from .survey import init_app as init_survey
from .votes import votes

PREFLIGHT_SECONDS = "86400"
#: Methods and headers that a page may use.
USUAL = ("GET, POST", "content-type")
SCREENSHOT = ("PUT, DELETE", "authorization, content-type")
#: The last two: pages that isolate themselves (COEP) may load the files, and measure how long they took.
OPEN = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Retry-After"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Timing-Allow-Origin", "*"),
)


def init_app(app: Flask) -> None:
    """Register the routes. Any page may read every answer in their folders, refusals too; none carries credentials."""
    # Pages go on with the tag that they have when the owner names another file.
    init_survey(app)
    files = {DEFAULT_WIDGET_FILE, app.config["TILFREDS"].widget_file}
    for file in files:
        _add_routes(app, file.replace("KEY.js", "<key>"))
    folders = tuple(_folder(file) for file in files)
    app.after_request(lambda response: _open_to_pages(response) if request.path.startswith(folders) else response)


def _add_routes(app: Flask, of_key: str) -> None:
    app.add_url_rule(f"{of_key}.js", view_func=serve_loader)
    app.add_url_rule(f"{_folder(of_key)}-/<name>", view_func=serve_chunk)
    for view in (ended, poll, seen, dismissed, votes):
        app.add_url_rule(f"{of_key}/{view.__name__}", view_func=view, methods=["POST"])
    picture = f"{of_key}/votes/<uuid:vote_id>/screenshot"
    app.add_url_rule(picture, view_func=put_screenshot, methods=["PUT"])
    app.add_url_rule(picture, view_func=delete_screenshot, methods=["DELETE"])


def _folder(path: str) -> str:
    return path[: path.rindex("/") + 1]


def _open_to_pages(response: Response) -> Response:
    response.headers.extend(OPEN)
    if request.method == "OPTIONS":
        methods, headers = SCREENSHOT if request.path.endswith("/screenshot") else USUAL
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = headers
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response
