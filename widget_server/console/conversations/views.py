"""Show the list of conversations and a transcript, as pages and as the fragments of a live refresh."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from ...auth.access import requires
from ...auth.signed_in import may
from ...conversations.models import Conversation
from ...core import clock
from ...core.errors import NotFound
from ...core.marked_texts import N_
from ...inbox.personal import without_personal
from ...inbox.transcript_queries import load_transcript
from ...inbox.transcripts import Transcript
from ...sites.models import Site
from ...storage.db import db
from ..live import position
from ..sites.views import site_of
from .conversation_list import LABELS, filters_of, list_values, translated_choices

MISSING = N_("This conversation does not exist.")


@requires("console", "read", right="read_ratings")
def conversations(key: str) -> Response:
    """Show the list without a transcript."""
    site = site_of(key)
    place = position()
    filters = filters_of(site)
    if request.args.get("fragment") == "list":
        opened = request.args.get("open", type=UUID)
        return fragment("console/list.html", site, filters=filters, **list_values(filters, opened))
    return render_page(site, place=place, transcript=None, filters=filters, **list_values(filters, None))


@requires("console", "read", right="read_ratings")
def conversation(key: str, conversation: str) -> Response:
    """Show the list with one transcript of this site."""
    site = site_of(key)
    place = position()
    filters = filters_of(site)
    shown_transcript = find_transcript(site, conversation)
    if request.args.get("fragment") == "transcript":
        return fragment("console/transcript.html", site, transcript=shown_transcript, place=place, filters=filters)
    return render_page(
        site, place=place, transcript=shown_transcript, filters=filters, **list_values(filters, shown_transcript.id)
    )


def conversation_of(site: Site, text: str) -> Conversation:
    """Return the conversation of a page's address.

    Raises: NotFound: the site has no such conversation.
    """
    row = db.session.get(Conversation, (site.id, parse_id(text)))
    if row is None:
        raise NotFound(MISSING)
    return row


def parse_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(MISSING) from error


def back_to(site: Site, conversation: str | UUID) -> AnyResponse:
    """Redirect to a conversation beside the filtered list that its form was sent from."""
    return redirect(filters_of(site).of_conversation(conversation), 303)


def find_transcript(site: Site, text: str) -> Transcript:
    conversation_id = parse_id(text)
    newest = {"newest": None} if request.args.get("messages") == "all" else {}
    whole_transcript = load_transcript(db.session, site.id, conversation_id, now=clock.now(), **newest)
    if whole_transcript is None:
        raise NotFound(MISSING)
    return whole_transcript if may("read_personal", site) else without_personal(whole_transcript)


def render_page(site: Site, **values: Any) -> Response:
    choices = translated_choices()
    return make_response(
        render_template("console/conversations.html", labels=LABELS, choices=choices, **common(site), **values)
    )


def fragment(template: str, site: Site, **values: Any) -> Response:
    """Return a part of a page with its ETag, so that an unchanged part is an empty 304."""
    response = make_response(render_template(template, **common(site), **values))
    response.add_etag()
    response.make_conditional(request)
    return response


def common(site: Site) -> dict[str, Any]:
    """Return the values that every page of a site needs."""
    config = current_app.config["TILFREDS"]
    return {
        "may": partial(may, site=site),
        "site": site,
        "now": clock.now(),
        "base_url": config.base_url,
        "tag": config.tag(site.key),
    }
