"""Excluding a vote under its message, and letting it count again."""

from __future__ import annotations

from uuid import UUID

from flask import g
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...core.errors import NotFound
from ...ratings import exclusions
from ...sites.models import Site
from ...storage.db import db
from ..articles.views import back_to_article
from ..forms import line
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import back_to, conversation_of


@requires("console", "write")
def exclude(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    """The form's `reason` is kept, and seen by all who see the vote."""
    check_form()
    return _done(key, vote_id, conversation, line("reason", min_length=1, max_length=exclusions.MAX_REASON_LENGTH))


@requires("console", "write")
def restore(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    check_form()
    return _done(key, vote_id, conversation, None)


def _done(key: str, vote_id: UUID, conversation: str | None, reason: str | None) -> Response:
    """Without a conversation the vote is one about an article."""
    site = site_of(key)
    back = _back(site, vote_id, conversation)
    if reason is None:
        exclusions.restore(site.id, vote_id, by=g.principal.name)
    else:
        exclusions.exclude(site.id, vote_id, by=g.principal.name, reason=reason)
    db.session.commit()
    return back


def _back(site: Site, vote_id: UUID, conversation: str | None) -> Response:
    """To where the form stood; a 404 where the vote is not about that."""
    if conversation:
        if exclusions.conversation_of(site.id, vote_id) == conversation_of(site, conversation).id:
            return back_to(site, conversation)
    elif article := exclusions.article_of(site.id, vote_id):
        return back_to_article(site, article)
    raise NotFound("There is no such vote.")
