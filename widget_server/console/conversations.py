"""The list of conversations and the transcript: whole pages, and the fragments with which an open page stays true."""

from __future__ import annotations

from typing import Any, cast, get_args
from uuid import UUID

from flask import Response, current_app, make_response, render_template, request

from .. import clock
from ..conversations.models import Conversation
from ..db import db
from ..doors import door
from ..errors import NotFound
from ..ratings.queries import ConversationPage, Only, transcript
from ..ratings.queries import conversations as list_conversations
from ..ratings.transcripts import Transcript
from ..sites.models import Site
from .live import position
from .sites import site_of

FIRST = 40
MORE = 60
#: From here on the list goes on in pages instead of growing.
MOST = 220


@door("console", "read")
def conversations(key: str) -> Response:
    """The list by itself."""
    site = site_of(key)
    place = position()
    if request.args.get("fragment") == "list":
        return fragment("console/list.html", site, **listing(site))
    return page(site, place=place, transcript=None, **listing(site))


@door("console", "read")
def conversation(key: str, conversation: str) -> Response:
    """The list with one transcript. Another site's conversation is answered like one that is not there."""
    site = site_of(key)
    place = position()
    found = find(site, conversation)
    if request.args.get("fragment") == "transcript":
        return fragment("console/transcript.html", site, transcript=found, place=place)
    return page(site, place=place, transcript=found, **listing(site))


def conversation_of(site: Site, text: str) -> Conversation:
    """The conversation of a page's address."""
    found = db.session.get(Conversation, (site.id, id_of(text)))
    if found is None:
        raise NotFound("There is no such conversation.")
    return found


def id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("There is no such conversation.") from error


def find(site: Site, text: str) -> Transcript:
    conversation_id = id_of(text)
    newest = {"newest": None} if request.args.get("messages") == "all" else {}
    found = transcript(db.session, site.id, conversation_id, now=clock.now(), **newest)
    if found is None:
        raise NotFound("There is no such conversation.")
    return found


def listing(site: Site) -> dict[str, Any]:
    """What the list shows, as its address asks."""
    show = request.args.get("show", "all")
    only = cast(Only, show if show in get_args(Only) else "all")
    limit = min(max(request.args.get("limit", FIRST, type=int), 1), MOST)
    cursor = request.args.get("cursor") or None
    found = list_conversations(db.session, site.id, now=clock.now(), cursor=cursor, limit=limit, only=only)
    return {
        "listed": found,
        "only": only,
        "show": only if only != "all" else None,
        "older": older(found, limit, cursor),
        "cursor": cursor,
    }


def older(found: ConversationPage, limit: int, cursor: str | None) -> dict[str, Any] | None:
    """How to see more: the same list longer, until it is long enough to be continued on a page of its own."""
    if found.next_cursor is None:
        return None
    if limit < MOST:
        return {"limit": min(limit + MORE, MOST), "cursor": cursor}
    return {"limit": None, "cursor": found.next_cursor}


def page(site: Site, **values: Any) -> Response:
    return make_response(render_template("console/conversations.html", **common(site), **values))


def fragment(template: str, site: Site, **values: Any) -> Response:
    """A part of a page, with its tag: an unchanged one costs the reader nothing."""
    response = make_response(render_template(template, **common(site), **values))
    response.add_etag()
    response.make_conditional(request)
    return response


def common(site: Site) -> dict[str, Any]:
    config = current_app.config["TILFREDS"]
    return {"site": site, "now": clock.now(), "base_url": config.base_url, "tag": config.tag(site.key)}
