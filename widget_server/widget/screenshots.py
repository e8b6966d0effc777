"""`votes/ID/screenshot`: a picture beside a vote, from the browser whose answer stands.

The body is the picture itself. Who sends it shows the client's own `id` as a bearer token, which no log keeps. Only
the last step takes the votes' connection: reading the body and decoding must not hold up a press.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from flask import Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import Forbidden
from ..ratings import screenshots
from ..ratings.images import MAX_BYTES, clean
from ..storage import group_commit
from ..storage.db import engines
from ..web import rate_limits
from .page_request import config, limit_source, site_settings
from .schemas import SECRET

REMOVED = 204
PER_SITE_PER_MINUTE = 100


@requires("page", "write", runs_again=False)
def put_screenshot(key: str, vote_id: UUID) -> Response:
    """Add a picture in place of an earlier one. The same again gives the same."""
    limit_source("screenshots", key, config().screenshots_per_source_per_minute)
    client_hash, origin = _client_hash(), request.headers.get("Origin")
    with engines().read.connect() as reading:
        site_id = site_settings(reading, key, origin).id
        screenshots.check_offered(screenshots.find_held(reading, site_id, vote_id, client_hash))
    # Counted after the proof, or strangers could use up what a site's visitors may send.
    rate_limits.hit("site_screenshots", key, PER_SITE_PER_MINUTE)
    data = _body()
    sent_hash, picture, now = hashlib.sha256(data).hexdigest(), clean(data), clock.now()
    stored = group_commit.commit(
        engines().write,
        lambda connection: screenshots.add_screenshot(
            connection, site_id, vote_id, client_hash, sent_hash, picture, now
        ),
    )
    saved_at = stored.at.isoformat(timespec="milliseconds")
    return jsonify({"status": "saved", "width": stored.width, "height": stored.height, "saved_at": saved_at})


@requires("page", "write", runs_again=False)
def delete_screenshot(key: str, vote_id: UUID) -> Response:
    """Take it away. The same again gives the same."""
    limit_source("votes", key, config().votes_per_source_per_minute)
    client_hash, origin, now = _client_hash(), request.headers.get("Origin"), clock.now()
    with engines().read.connect() as reading:
        site_id = site_settings(reading, key, origin).id
    group_commit.commit(
        engines().write,
        lambda connection: screenshots.remove_screenshot(connection, site_id, vote_id, client_hash, now),
    )
    return Response(status=REMOVED)


def _client_hash() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not SECRET.fullmatch(secret):
        raise Forbidden("Send the answer's own `id` in the header `Authorization: Bearer ...`.", code="not_yours")
    return tokens.digest(secret)


def _body() -> bytes:
    """The bytes of the picture; 413 when there are too many."""
    if request.content_length is not None and request.content_length > MAX_BYTES:
        raise RequestEntityTooLarge()
    # Of a body that does not say how long it is the library reads as much as is allowed, and leaves the rest unsaid.
    request.max_content_length = MAX_BYTES + 1
    data = request.get_data()
    if len(data) > MAX_BYTES:
        raise RequestEntityTooLarge()
    return data
