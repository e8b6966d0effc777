"""Striking a vote under its message, and letting it count again."""

from __future__ import annotations

from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from ..db import db
from ..doors import door
from ..errors import Invalid, NotFound
from ..ratings import strikes
from .articles import back_to_article
from .conversations import back_to, conversation_of
from .sign_in import check_form
from .sites import site_of


@door("console", "write")
def strike(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    """The form's `reason` is kept, and seen by all who see the vote."""
    check_form()
    reason = " ".join(request.form.get("reason", "").split())
    if not 1 <= len(reason) <= strikes.LONGEST_REASON:
        raise Invalid(f"Say why, in at most {strikes.LONGEST_REASON} letters.", pointer="/reason")
    return _done(key, vote_id, conversation, reason)


@door("console", "write")
def lift(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    check_form()
    return _done(key, vote_id, conversation, None)


def _done(key: str, vote_id: UUID, conversation: str | None, reason: str | None) -> Response:
    """Without a conversation the vote is one of an article."""
    site = site_of(key)
    named = conversation_of(site, conversation).id if conversation else None
    if strikes.conversation_of(site.id, vote_id) != named:
        raise NotFound("There is no such vote.")
    if reason is None:
        vote = strikes.lift(site.id, vote_id, by=g.principal.name)
    else:
        vote = strikes.strike(site.id, vote_id, by=g.principal.name, reason=reason)
    back = back_to(site, conversation) if conversation else back_to_article(site, vote.subject_id)
    db.session.commit()
    return back
