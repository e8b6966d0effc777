"""Issue the token with which a page opens its event stream."""

from __future__ import annotations

from flask import Response, current_app, g, jsonify

from ..accounts import live_tokens
from ..auth.access import requires
from ..core import clock
from ..events.outbox_reader import Position, find_newest_position
from ..storage.db import db
from .sites.views import site_of


@requires("console", "read", right="read_ratings")
def token(key: str) -> Response:
    """Return a live token of this site, and the address of the streams."""
    grant = live_tokens.grant_to_session(site_of(key).id, g.login_session.id, clock.now())
    config = current_app.config["TILFREDS"]
    response = jsonify(
        token=live_tokens.write_token(current_app.config["SECRET_KEYS"], grant),
        url=f"{config.live_base_url}/live/events",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def position() -> Position:
    """Return the position from which a page follows the stream.

    Call it before anything else of the page is read: the page may then receive an event twice, and misses none.
    """
    return find_newest_position(db.session.connection())
