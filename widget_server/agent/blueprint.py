"""What an agent's page in the owner's helpdesk fetches: the element's file, the ratings that it places, and a page with
them for a frame.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request

from . import decisions
from .frame import frame
from .ratings import ratings
from .scores import scores
from .script import frame_script, serve_script

#: The last: pages that isolate themselves (COEP) may load the file.
OPEN = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Retry-After, Tilfreds-Position, Tilfreds-Token"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


def init_app(app: Flask) -> None:
    """Register the routes. Any page may ask: the token is a header of its own making, and no cookie is read here."""
    app.add_url_rule("/agent.js", "agent.script", serve_script)
    app.add_url_rule("/agent/ratings", "agent.ratings", ratings)
    app.add_url_rule("/agent/scores", "agent.scores", scores)
    app.add_url_rule("/agent/ask", "agent.ask", decisions.ask, methods=["POST"])
    app.add_url_rule("/agent/close", "agent.close", decisions.close, methods=["POST"])
    pages = Blueprint("embed", __name__, template_folder="templates")
    pages.add_url_rule("/embed/transcript/<key>", "frame", frame)
    pages.add_url_rule("/agent-frame.js", "script", frame_script)
    app.register_blueprint(pages)
    app.after_request(
        lambda response: open_to_pages(response) if request.path.startswith(("/agent.js", "/agent/")) else response
    )


def open_to_pages(response: Response) -> Response:
    response.headers.extend(OPEN)
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "7200"
    return response
