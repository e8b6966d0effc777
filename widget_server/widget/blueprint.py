"""Register the public routes, free of cookies, that pages of other origins call."""

from __future__ import annotations

from flask import Flask, Response, request

from ..core.config import DEFAULT_WIDGET_FILE
from ..web.cross_origin import allow_any_origin, allow_request_headers
from .chunks import serve_chunk
from .ended import end_chat, poll_chat
from .impressions import record_dismissal, record_impression
from .loader import serve_loader
from .page_check import receive_findings, serve_check
from .screenshots import delete_screenshot, put_screenshot
from .survey import init_app as init_survey
from .visitor_data import describe_data
from .visitor_data import init_app as init_visitor_data
from .votes import receive_vote

PREFLIGHT_SECONDS = "86400"
#: Views by the last part of their address below the site's key.
VIEWS = {
    "check": receive_findings,
    "ended": end_chat,
    "poll": poll_chat,
    "seen": record_impression,
    "dismissed": record_dismissal,
    "votes": receive_vote,
    "data": describe_data,
}
#: Methods and headers that a page may use.
PAGE_REQUEST = ("GET, POST", "content-type")
SCREENSHOT_REQUEST = ("PUT, DELETE", "authorization, content-type")
#: The last two let pages that isolate themselves (COEP) load the files and measure how long they took.
CROSS_ORIGIN_HEADERS = (
    ("Access-Control-Expose-Headers", "Retry-After"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Timing-Allow-Origin", "*"),
)


def init_app(app: Flask) -> None:
    """Register the routes and open their folders to every page.

    Any page may read every response in these folders, errors included; no route in them reads or sets a cookie.
    """
    # A page keeps the tag that it has when the operator renames the file, so both names are served.
    init_survey(app)
    init_visitor_data(app)
    files = {DEFAULT_WIDGET_FILE, app.config["TILFREDS"].widget_file}
    for file in files:
        _add_routes(app, file.replace("KEY.js", "<key>"))
    folders = tuple(_folder(file) for file in files)
    app.after_request(lambda response: _open_to_pages(response) if request.path.startswith(folders) else response)


def _add_routes(app: Flask, site_path: str) -> None:
    app.add_url_rule(f"{site_path}.js", view_func=serve_loader)
    app.add_url_rule(f"{_folder(site_path)}-/<name>", view_func=serve_chunk)
    app.add_url_rule(f"{site_path}/check.js", view_func=serve_check)
    for name, view in VIEWS.items():
        app.add_url_rule(f"{site_path}/{name}", view_func=view, methods=["POST"])
    screenshot_path = f"{site_path}/votes/<uuid:vote_id>/screenshot"
    app.add_url_rule(screenshot_path, view_func=put_screenshot, methods=["PUT"])
    app.add_url_rule(screenshot_path, view_func=delete_screenshot, methods=["DELETE"])


def _folder(path: str) -> str:
    return path[: path.rindex("/") + 1]


def _open_to_pages(response: Response) -> Response:
    response.headers.extend(CROSS_ORIGIN_HEADERS)
    if request.method in ("GET", "HEAD"):
        # Files are the same for every page, so that shared caches keep one copy.
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        allow_any_origin(response)
    if request.method == "OPTIONS":
        methods, headers = SCREENSHOT_REQUEST if request.path.endswith("/screenshot") else PAGE_REQUEST
        response.headers["Access-Control-Allow-Methods"] = methods
        allow_request_headers(response, headers)
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response
