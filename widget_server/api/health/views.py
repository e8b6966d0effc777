"""Routes of /health and /metrics, which need no key."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select, text

from ...auth.access import requires
from ...core.errors import NotFound
from ...core.hosts import is_loopback
from ...sites.models import Site
from ...sites.signatures import SecretMissing, find_unreadable_sites
from ...storage.db import db, engines
from ...storage.sqlite import RECOVERY_SECONDS
from ...web.problems import RETRY_SECONDS, problem
from .metrics import Metrics

EXTENSION = "tilfreds_metrics"
#: Headers that a proxy adds begin so. With any of them the caller is not on this machine, even if the socket is local.
PROXY_HEADERS = ("forwarded", "via", "x-forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original")
VENDORS_HEADERS = ("cf-", "cdn-", "fastly-", "fly-", "true-client-ip", "x-appengine-", "x-azure-", "x-envoy-")

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Register the routes and count every request."""
    metrics = Metrics()
    app.extensions[EXTENSION] = metrics
    app.after_request(metrics.count)
    app.register_blueprint(blueprint)


@blueprint.get("/health/live")
@requires("anyone", "read")
def live() -> Response:
    """Report that the process answers. The database is not checked, because a restart would not repair it."""
    return answer("alive")


@blueprint.get("/health/ready")
@requires("anyone", "read")
def ready() -> Response:
    """Report that the database answers and accepts writes; otherwise this is the same 503 as on every other route.

    A full disk may still allow reads, so an error of a recent vote makes the server not ready for a while.
    """
    db.session.execute(select(Site.id).limit(1))
    if not engines().is_sqlite and db.session.scalar(text("SELECT current_setting('transaction_read_only')")) == "on":
        return problem(
            503, "unavailable", "The database is read-only, as during a failover.", retry_after=RETRY_SECONDS
        )
    if engines().disk.fails:
        return problem(
            503, "unavailable", "The disk failed recently; check its space and errors.", retry_after=RECOVERY_SECONDS
        )
    if find_unreadable_sites(db.session, current_app.config["SECRET_KEYS"]):
        raise SecretMissing
    return answer("ready")


@blueprint.get("/metrics")
@requires("anyone", "read")
def metrics() -> Response:
    """Return the metrics in Prometheus' text format, to callers on this machine only."""
    if not current_app.config["TILFREDS"].metrics or not is_local_request():
        raise NotFound("Not found; metrics are available on this machine only, if they are enabled.")
    app_metrics: Metrics = current_app.extensions[EXTENSION]
    return Response(app_metrics.text(db.session()), content_type=CONTENT_TYPE_LATEST)


def is_local_request() -> bool:
    """Return whether the caller is on this machine and no proxy is between."""
    is_forwarded = any(name.lower().startswith(PROXY_HEADERS + VENDORS_HEADERS) for name, _ in request.headers)
    # A proxy on this machine that adds no header still passes on the name that the visitor asked for.
    host = urlsplit(f"//{request.host}").hostname
    return is_loopback(request.remote_addr) and is_loopback(host) and not is_forwarded


def answer(status: str) -> Response:
    response = jsonify(status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
