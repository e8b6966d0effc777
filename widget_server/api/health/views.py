"""/health for who watches whether the server lives, /metrics for who counts; both without a key."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select

from ...auth.access import requires
from ...core.config import is_loopback
from ...core.errors import NotFound
from ...sites.models import Site
from ...storage.db import db, engines
from ...storage.sqlite import RECOVERY_SECONDS
from ...web.problems import problem
from .metrics import Metrics

EXTENSION = "tilfreds_metrics"
#: What a proxy adds: with any of these a caller is not on this machine, whatever the socket says.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Register the routes and count every request from here on."""
    metrics = Metrics()
    app.extensions[EXTENSION] = metrics
    app.after_request(metrics.count)
    app.register_blueprint(blueprint)


@blueprint.get("/health/live")
@requires("anyone", "read")
def live() -> Response:
    """The process answers. Asks nothing of the database, for a restart would not bring that back."""
    return answer("alive")


@blueprint.get("/health/ready")
@requires("anyone", "read")
def ready() -> Response:
    """The database answers, too; without it this is the 503 that every other address gives.

    Reading may go well on a disk that takes no more votes, so what votes met there counts for a while.
    """
    db.session.execute(select(Site.id).limit(1))
    if engines().disk.fails:
        return problem(503, "unavailable", "The disk failed a moment ago.", retry_after=RECOVERY_SECONDS)
    return answer("ready")


@blueprint.get("/metrics")
@requires("anyone", "read")
def metrics() -> Response:
    """Counts in Prometheus's form, for callers on this machine only."""
    is_near = is_loopback(request.remote_addr) and not any(name in request.headers for name in FORWARDED)
    if not current_app.config["TILFREDS"].metrics or not is_near:
        raise NotFound("There is nothing at this address.")
    kept: Metrics = current_app.extensions[EXTENSION]
    return Response(kept.text(db.session()), content_type=CONTENT_TYPE_LATEST)


def answer(status: str) -> Response:
    response = jsonify(status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
