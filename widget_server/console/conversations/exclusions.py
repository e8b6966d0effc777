"""Exclude a rating from the scores, and restore it."""

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
from ..forms import read_line
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import back_to, conversation_of


@requires("console", "write")
def exclude(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    """Exclude a vote with the form's `reason`, which everyone who sees the vote can read."""
    check_form()
    reason = read_line("reason", min_length=1, max_length=exclusions.MAX_REASON_LENGTH)
    return _set_exclusion(key, vote_id, conversation, reason)


@requires("console", "write")
def restore(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    """Count a vote again."""
    check_form()
    return _set_exclusion(key, vote_id, conversation, None)


def _set_exclusion(key: str, vote_id: UUID, conversation: str | None, reason: str | None) -> Response:
    """Exclude a vote, or restore it if there is no reason. Without a conversation it is a vote about an article."""
    site = site_of(key)
    redirection = _redirect_back(site, vote_id, conversation)
    if reason is None:
        exclusions.restore(site.id, vote_id, by=g.principal.name)
    else:
        exclusions.exclude(site.id, vote_id, by=g.principal.name, reason=reason)
    db.session.commit()
    return redirection


def _redirect_back(site: Site, vote_id: UUID, conversation: str | None) -> Response:
    """Redirect to the page of the form.

    Raises: NotFound: the vote does not belong to that conversation, or to an article.
    """
    if conversation:
        if exclusions.conversation_of(site.id, vote_id) == conversation_of(site, conversation).id:
            return back_to(site, conversation)
    elif article := exclusions.article_of(site.id, vote_id):
        return back_to_article(site, article)
    raise NotFound("This rating does not exist.")
