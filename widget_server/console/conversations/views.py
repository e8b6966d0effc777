"""The list of conversations and the transcript: whole pages, and the fragments with which an open page stays true."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from ...auth.access import requires
from ...conversations.models import Conversation
from ...core import clock
from ...core.errors import NotFound
from ...inbox.transcript_queries import transcript
from ...inbox.transcripts import Transcript
from ...sites.models import Site
from ...storage.db import db
from ..live import position
from ..sites.views import site_of
from .conversation_list import CHOICES, LABELS, filters_of, listing


@requires("console", "read")
def conversations(key: str) -> Response:
    """The list by itself."""
    site = site_of(key)
    place = position()
    filters = filters_of(site)
    if request.args.get("fragment") == "list":
        opened = request.args.get("open", type=UUID)
        return fragment("console/list.html", site, filters=filters, **listing(filters, opened))
    return page(site, place=place, transcript=None, filters=filters, **listing(filters, None))


@requires("console", "read")
def conversation(key: str, conversation: str) -> Response:
    """The list with one transcript. Another site's conversation is answered like one that is not there."""
    site = site_of(key)
    place = position()
    filters = filters_of(site)
    found = find(site, conversation)
    if request.args.get("fragment") == "transcript":
        return fragment("console/transcript.html", site, transcript=found, place=place, filters=filters)
    return page(site, place=place, transcript=found, filters=filters, **listing(filters, found.id))


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


def back_to(site: Site, conversation: str | UUID) -> AnyResponse:
    """Where a form leads that stood in a transcript: there again, beside the list as it was narrowed."""
    return redirect(filters_of(site).of_conversation(conversation), 303)


def find(site: Site, text: str) -> Transcript:
    conversation_id = id_of(text)
    newest = {"newest": None} if request.args.get("messages") == "all" else {}
    found = transcript(db.session, site.id, conversation_id, now=clock.now(), **newest)
    if found is None:
        raise NotFound("There is no such conversation.")
    return found


def page(site: Site, **values: Any) -> Response:
    return make_response(
        render_template("console/conversations.html", labels=LABELS, choices=CHOICES, **common(site), **values)
    )


def fragment(template: str, site: Site, **values: Any) -> Response:
    """A part of a page, with its tag: an unchanged one costs the reader nothing."""
    response = make_response(render_template(template, **common(site), **values))
    response.add_etag()
    response.make_conditional(request)
    return response


def common(site: Site) -> dict[str, Any]:
    config = current_app.config["TILFREDS"]
    return {"site": site, "now": clock.now(), "base_url": config.base_url, "tag": config.tag(site.key)}
