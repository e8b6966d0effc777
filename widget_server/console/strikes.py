"""Striking a vote under its message, and letting it count again."""

from __future__ import annotations

from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from ..db import db
from ..doors import door
from ..errors import Invalid, NotFound
from ..ratings import strikes
from .conversations import back_to, conversation_of
from .sign_in import check_form
from .sites import site_of


@door("console", "write")
def strike(key: str, conversation: str, vote_id: UUID) -> Response:
    """The form's `reason` is kept, and seen by all who see the vote."""
    check_form()
    reason = " ".join(request.form.get("reason", "").split())
    if not 1 <= len(reason) <= strikes.LONGEST_REASON:
        raise Invalid(f"Say why, in at most {strikes.LONGEST_REASON} letters.", pointer="/reason")
    return _done(key, conversation, vote_id, reason)


@door("console", "write")
def lift(key: str, conversation: str, vote_id: UUID) -> Response:
    check_form()
    return _done(key, conversation, vote_id, None)


def _done(key: str, conversation: str, vote_id: UUID, reason: str | None) -> Response:
    site = site_of(key)
    back = back_to(site, conversation)
    if strikes.conversation_of(site.id, vote_id) != conversation_of(site, conversation).id:
        raise NotFound("There is no such vote.")
    if reason is None:
        strikes.lift(site.id, vote_id, by=g.principal.name)
    else:
        strikes.strike(site.id, vote_id, by=g.principal.name, reason=reason)
    db.session.commit()
    return back
