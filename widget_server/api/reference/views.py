"""/openapi.json, and the same for people to read at /docs."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template

from ...auth.access import requires
from ..base import PREFIX, Resource
from .chapters import chapters, marked
from .openapi import document

EXTENSION = "tilfreds_openapi"
STYLE = (Path(__file__).parent / "templates" / "reference.css").read_text("utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CLOSED = ("default-src", "base-uri", "form-action", "frame-ancestors")
POLICY = "; ".join([*(f"{name} 'none'" for name in CLOSED), f"style-src 'sha256-{STYLE_HASH}'"])

blueprint = Blueprint("documents", __name__, url_prefix=PREFIX, template_folder="templates")


def init_app(app: Flask, resources: list[Resource]) -> None:
    """Remember what to describe; it is described when somebody first asks."""
    app.extensions[EXTENSION] = {"resources": resources}
    app.register_blueprint(blueprint)


@blueprint.get("/openapi.json")
@requires("anyone", "read")
def openapi() -> Response:
    """The document."""
    return jsonify(made())


@blueprint.get("/docs")
@requires("anyone", "read")
def docs() -> Response:
    """The document as a page: no script, nothing from elsewhere."""
    page = render_template("reference.html", document=made(), chapters=chapters(made()), style=STYLE, marked=marked)
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


def made() -> dict[str, Any]:
    kept = current_app.extensions[EXTENSION]
    if "document" not in kept:
        kept["document"] = document(current_app._get_current_object(), kept["resources"])  # type: ignore[attr-defined]
    built: dict[str, Any] = kept["document"]
    return built
