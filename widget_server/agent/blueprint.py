"""Register the routes for helpdesks: the element's script, the ratings, the survey actions and the frame."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request

from ..web.cross_origin import allow_any_origin, allow_request_headers
from . import decisions
from .frame import frame
from .ratings import ratings
from .scores import scores
from .script import serve_frame_script, serve_script

#: Pages with Cross-Origin-Embedder-Policy load only files with the last of these headers.
OPEN_HEADERS = (
    ("Access-Control-Expose-Headers", "ETag, Retry-After, Tilfreds-Position, Tilfreds-Token"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


def init_app(app: Flask) -> None:
    """Register the routes. Any page may call them, because they read a token from a header and no cookie."""
    app.add_url_rule("/agent.js", "agent.script", serve_script)
    app.add_url_rule("/agent/ratings", "agent.ratings", ratings)
    app.add_url_rule("/agent/scores", "agent.scores", scores)
    app.add_url_rule("/agent/ask", "agent.ask", decisions.ask, methods=["POST"])
    app.add_url_rule("/agent/close", "agent.close", decisions.close, methods=["POST"])
    pages = Blueprint("embed", __name__, template_folder="templates")
    pages.add_url_rule("/embed/transcript/<key>", "frame", frame)
    pages.add_url_rule("/agent-frame.js", "script", serve_frame_script)
    app.register_blueprint(pages)
    app.after_request(
        lambda response: open_to_pages(response) if request.path.startswith(("/agent.js", "/agent/")) else response
    )


def open_to_pages(response: Response) -> Response:
    """Add the headers that let a page of any origin read the response."""
    response.headers.extend(OPEN_HEADERS)
    if request.path == "/agent.js":
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        allow_any_origin(response)
    if request.method == "OPTIONS":
        allow_request_headers(response, "Authorization, Content-Type, If-None-Match")
        response.headers["Access-Control-Max-Age"] = "7200"
    return response
