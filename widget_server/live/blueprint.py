"""Event streams: `GET /live/events` with a live token. A separate process serves them and only reads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, request

from ..accounts import live_tokens
from ..accounts.live_tokens import LiveGrant
from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import Forbidden, Invalid, TooMany, Unauthorized, Unavailable
from ..events.outbox_reader import Position
from ..storage.db import engines_of
from ..web.cross_origin import allow_any_origin, allow_request_headers
from .follower import Follower
from .sse import frame
from .stream import Stream, StreamContext, Subscription
from .subscriptions import OpenStreams

MAX_STREAMS = 2500
#: Of one console session or agent.
MAX_PER_GRANT = 20
RETRY_SECONDS = (5, 15)
#: Conversations per stream. A browser's tabs share one stream.
MAX_FOLLOWED = 50

blueprint = Blueprint("live", __name__, url_prefix="/live")


def init_app(app: Flask) -> None:
    """Register the streams, and the follower that feeds them."""
    app.extensions["tilfreds_follower"] = Follower(engines_of(app))
    app.after_request(open_to_pages)
    app.register_blueprint(blueprint)


def open_to_pages(response: Response) -> Response:
    """Allow requests from pages of any origin, which is safe because only a header authenticates, never a cookie."""
    allow_any_origin(response)
    allow_request_headers(response, "Authorization")
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Access-Control-Max-Age"] = "7200"
    return response


@blueprint.get("/health")
@requires("anyone", "read")
def health() -> dict[str, int]:
    """Return the number of open streams."""
    return {"streams": current_follower().open_streams.count}


@blueprint.get("/events")
@requires("live", "read")
def events() -> Response:
    """Stream events after position `after`, of the whole site or of each `conversation`.

    `list=1` adds events for changes elsewhere on the site's list.
    """
    grant = require_grant()
    follower = current_follower()
    check_room(follower.open_streams, grant)
    if not follower.is_valid(grant):
        raise Unauthorized("The session ended or the token was revoked. Sign in again.", code="signed_out")
    # Others may have opened streams while the database was asked.
    check_room(follower.open_streams, grant)
    secret_keys = current_app.config["SECRET_KEYS"]
    start = Position.parse(request.args.get("after", ""))
    context = StreamContext(lambda renewed: live_tokens.write_token(secret_keys, renewed), lambda: follower.position)
    response = Response(
        stream_chunks(follower, Stream(grant, parse_subscription(grant), context), start),
        content_type="text/event-stream",
    )
    response.headers["Cache-Control"] = "no-store"
    # Tells nginx not to buffer events.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def check_room(open_streams: OpenStreams, grant: LiveGrant) -> None:
    """Raise an error with a time to wait if this grant, its site or the process has too many streams.

    Clients poll meanwhile.
    """
    # Random, so that rejected clients do not all return at the same time.
    seconds = random.randint(*RETRY_SECONDS)  # noqa: S311
    if open_streams.count >= MAX_STREAMS:
        raise Unavailable("Too many streams are open. Try again later.", retry_after=seconds)
    if open_streams.count_by_holder[grant.holder] >= MAX_PER_GRANT:
        raise TooMany(f"{MAX_PER_GRANT} streams of this session or agent are open; close some.", retry_after=seconds)
    if not open_streams.has_room(grant, MAX_STREAMS):
        raise TooMany("Too many streams of this site are open. Try again later.", retry_after=seconds)


def stream_chunks(follower: Follower, stream: Stream, after: Position | None) -> Iterator[bytes]:
    """Yield the stream's bytes, and feed the stream for exactly as long as they are read."""
    follower.add(stream)
    try:
        # Added first and caught up second, so an event between the two is offered twice and sent once.
        if not follower.catch_up(stream, after):
            yield frame("reset", {"position": str(stream.position)}, stream.position)
        yield from stream.chunks(clock.now)
    finally:
        follower.remove(stream)


def current_follower() -> Follower:
    follower: Follower = current_app.extensions["tilfreds_follower"]
    return follower


def require_grant() -> LiveGrant:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("Send a live token in the header `Authorization: Bearer ...`.")
    try:
        return live_tokens.read_token(current_app.config["SECRET_KEYS"], token.strip(), clock.now())
    except tokens.BadToken as error:
        raise Unauthorized("The live token is invalid or expired. Request a new one.") from error


def parse_subscription(grant: LiveGrant) -> Subscription:
    id_texts = [text for text in request.args.getlist("conversation") if text]
    if len(id_texts) > MAX_FOLLOWED:
        raise Invalid(f"A stream can follow at most {MAX_FOLLOWED} conversations.", pointer="/conversation")
    try:
        conversation_ids = frozenset(map(UUID, id_texts))
    except ValueError as error:
        raise Invalid("Conversation must be an id (a UUID).", pointer="/conversation") from error
    if grant.conversation_id is not None:
        granted_ids = frozenset([grant.conversation_id])
        if not conversation_ids <= granted_ids:
            raise Forbidden("This token is for another conversation.", code="conversation")
        conversation_ids = granted_ids
    # Only the console shows a list of all conversations; an agent's token opens only those that it names.
    follows_list = request.args.get("list") == "1" and grant.session_id is not None
    return Subscription(conversation_ids, follows_list)
