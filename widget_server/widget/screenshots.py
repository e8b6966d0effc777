"""Store and delete the screenshot of a vote (`votes/ID/screenshot`) for the browser that gave the current answer.

The body is the image. The client proves the vote with its `id` as a bearer token, which no log records. Only the last
step takes the votes' connection, so that reading and decoding the body does not delay a press.
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
from .page_request import current_config, limit_source, site_settings
from .schemas import SECRET

NO_CONTENT = 204
MAX_PER_SITE_PER_MINUTE = 100


@requires("page", "write", runs_again=False)
def put_screenshot(key: str, vote_id: UUID) -> Response:
    """Store an image in place of an earlier one. Idempotent."""
    limit_source("screenshots", key, current_config().screenshots_per_source_per_minute)
    client_hash, origin = _client_hash(), request.headers.get("Origin")
    with engines().read.connect() as reading:
        site_id = site_settings(reading, key, origin).id
        screenshots.check_offered(screenshots.find_held_vote(reading, site_id, vote_id, client_hash))
    # Count after the proof, or strangers could use up the limit of the site's visitors.
    rate_limits.hit("site_screenshots", key, MAX_PER_SITE_PER_MINUTE)
    data = _image_bytes()
    sent_hash, image, now = hashlib.sha256(data).hexdigest(), clean(data), clock.now()
    screenshot = group_commit.commit(
        engines().write,
        lambda connection: screenshots.add_screenshot(connection, site_id, vote_id, client_hash, sent_hash, image, now),
    )
    saved_at = screenshot.at.isoformat(timespec="milliseconds")
    return jsonify({"status": "saved", "width": screenshot.width, "height": screenshot.height, "saved_at": saved_at})


@requires("page", "write", runs_again=False)
def delete_screenshot(key: str, vote_id: UUID) -> Response:
    """Delete the image of a vote. Idempotent."""
    limit_source("votes", key, current_config().votes_per_source_per_minute)
    client_hash, origin, now = _client_hash(), request.headers.get("Origin"), clock.now()
    with engines().read.connect() as reading:
        site_id = site_settings(reading, key, origin).id
    group_commit.commit(
        engines().write,
        lambda connection: screenshots.remove_screenshot(connection, site_id, vote_id, client_hash, now),
    )
    return Response(status=NO_CONTENT)


def _client_hash() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not SECRET.fullmatch(secret):
        raise Forbidden("Send the `id` of the submission in the header `Authorization: Bearer …`.", code="not_yours")
    return tokens.digest(secret)


def _image_bytes() -> bytes:
    """Return the bytes of the image, at most MAX_BYTES, else raise `RequestEntityTooLarge`."""
    if request.content_length is not None and request.content_length > MAX_BYTES:
        raise RequestEntityTooLarge()
    # Of a body without a length the library reads as much as is allowed and drops the rest silently.
    request.max_content_length = MAX_BYTES + 1
    data = request.get_data()
    if len(data) > MAX_BYTES:
        raise RequestEntityTooLarge()
    return data
