"""The pass with which a page opens its event stream."""

from __future__ import annotations

from flask import Response, current_app, g, jsonify

from ..accounts import live_tokens
from ..auth.access import requires
from ..core import clock
from ..events.outbox_reader import Position, find_newest_position
from ..storage.db import db
from .sites.views import site_of


@requires("console", "read")
def token(key: str) -> Response:
    """A live token for this site, and where the streams are."""
    grant = live_tokens.grant_to_session(site_of(key).id, g.login_session.id, clock.now())
    config = current_app.config["TILFREDS"]
    response = jsonify(
        token=live_tokens.write_token(current_app.config["SECRET_KEYS"], grant),
        url=f"{config.live_base_url}/live/events",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def position() -> Position:
    """Read before the rest of a page: what happens from here on the stream will tell, perhaps twice, never not."""
    return find_newest_position(db.session.connection())
