"""Event streams: `GET /live/events` with a live token. A process of its own holds them, and writes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, request

from ..accounts import live_tokens
from ..accounts.live_tokens import LiveGrant
from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import Forbidden, Invalid, Unauthorized
from ..events.outbox_reader import Position
from ..storage.db import engines_of
from ..web.problems import problem
from .follower import Follower
from .sse import frame
from .stream import Stream, StreamContext, Subscription

MAX_STREAMS = 2500
ROOM_SECONDS = (5, 15)
#: By one stream: a browser's tabs share theirs.
MAX_FOLLOWED = 50

blueprint = Blueprint("live", __name__, url_prefix="/live")


def init_app(app: Flask) -> None:
    """Register the streams, and the follower that feeds them."""
    app.extensions["tilfreds_follower"] = Follower(engines_of(app))
    app.after_request(allow_pages)
    app.register_blueprint(blueprint)


def allow_pages(response: Response) -> Response:
    """Any page may ask: the token is a header of the page's own making, and no cookie is ever read here."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Authorization"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Access-Control-Max-Age"] = "7200"
    return response


@blueprint.get("/health")
@requires("anyone", "read")
def health() -> dict[str, int]:
    """How many streams are open."""
    return {"streams": follower().open_streams.count}


@blueprint.get("/events")
@requires("live", "read")
def events() -> Response:
    """Follow what happens after `after`, of the site or of each `conversation`; `list=1` says that the list changed."""
    grant = bearer()
    if follower().open_streams.count >= MAX_STREAMS:
        # Spread, so that those who are turned away do not come back together.
        seconds = random.randint(*ROOM_SECONDS)  # noqa: S311
        return problem(503, "unavailable", "All streams are taken. Try again.", retry_after=seconds)
    if not follower().is_valid(grant):
        raise Unauthorized("This session is over.", code="signed_out")
    secret_keys = current_app.config["SECRET_KEYS"]
    start = Position.parse(request.args.get("after", ""))
    shared_follower = follower()
    context = StreamContext(lambda fresh: live_tokens.write_token(secret_keys, fresh), lambda: shared_follower.position)
    response = Response(
        follow(shared_follower, Stream(grant, parse_subscription(grant), context), start),
        content_type="text/event-stream",
    )
    response.headers["Cache-Control"] = "no-store"
    # Asks nginx to pass each event on at once.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def follow(follower: Follower, stream: Stream, after: Position | None) -> Iterator[bytes]:
    """Yield the stream's bytes; it is followed for exactly as long as they are read."""
    follower.add(stream)
    try:
        # Followed first, caught up second: an event between the two is offered twice and told once.
        if not follower.catch_up(stream, after):
            yield frame("reset", {"position": str(stream.position)}, stream.position)
        yield from stream.chunks(clock.now)
    finally:
        follower.remove(stream)


def follower() -> Follower:
    follower: Follower = current_app.extensions["tilfreds_follower"]
    return follower


def bearer() -> LiveGrant:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("Send a live token in the header `Authorization: Bearer ...`.")
    try:
        return live_tokens.read_token(current_app.config["SECRET_KEYS"], token.strip(), clock.now())
    except tokens.BadToken as error:
        raise Unauthorized("This live token is not valid, or its time is over. Get a fresh one.") from error


def parse_subscription(grant: LiveGrant) -> Subscription:
    named = [name for name in request.args.getlist("conversation") if name]
    if len(named) > MAX_FOLLOWED:
        raise Invalid(f"A stream follows {MAX_FOLLOWED} conversations at most.", pointer="/conversation")
    try:
        conversation_ids = frozenset(map(UUID, named))
    except ValueError as error:
        raise Invalid("A conversation is named by its id.", pointer="/conversation") from error
    if grant.conversation_id is not None:
        own = frozenset([grant.conversation_id])
        if not conversation_ids <= own:
            raise Forbidden("This token opens another conversation.", code="conversation")
        conversation_ids = own
    # Only the console has a list of everything; an agent's token opens no more than it names.
    follows_list = request.args.get("list") == "1" and grant.session_id is not None
    return Subscription(conversation_ids, follows_list)
