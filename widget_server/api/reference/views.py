"""Routes of the OpenAPI document: /openapi.json, and /docs as a page."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template

from ...auth.access import requires
from ..base import PREFIX, Resource
from .chapters import to_chapters, to_markup
from .openapi import create_document

EXTENSION = "tilfreds_openapi"
STYLE = (Path(__file__).parent / "templates" / "reference.css").read_text("utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CLOSED = ("default-src", "base-uri", "form-action", "frame-ancestors")
POLICY = "; ".join([*(f"{name} 'none'" for name in CLOSED), f"style-src 'sha256-{STYLE_HASH}'"])

blueprint = Blueprint("documents", __name__, url_prefix=PREFIX, template_folder="templates")


def init_app(app: Flask, resources: list[Resource]) -> None:
    """Register the routes. The document is created on the first request."""
    app.extensions[EXTENSION] = {"resources": resources}
    app.register_blueprint(blueprint)


@blueprint.get("/openapi.json")
@requires("anyone", "read")
def openapi() -> Response:
    """Return the document."""
    return jsonify(get_document())


@blueprint.get("/docs")
@requires("anyone", "read")
def docs() -> Response:
    """Return the document as a page without scripts or external files."""
    document = get_document()
    chapters = to_chapters(document)
    page = render_template("reference.html", document=document, chapters=chapters, style=STYLE, to_markup=to_markup)
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


def get_document() -> dict[str, Any]:
    """Return the document, created once per application."""
    cache = current_app.extensions[EXTENSION]
    if "document" not in cache:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        cache["document"] = create_document(app, cache["resources"])
    document: dict[str, Any] = cache["document"]
    return document
