"""Exclude a rating from the scores, restore it, and erase its words."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core.errors import NotFound
from ...privacy.erasure_ledger import ERASED_FILE, record_word_erasure
from ...ratings import exclusions, word_erasure
from ...sites.models import Site
from ...storage.db import db, engines
from ...storage.engines import empty_log
from ..articles.views import back_to_article
from ..forms import read_line
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import back_to, conversation_of


@requires("console", "write", right="exclude_ratings")
def exclude(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    """Exclude a vote with the form's `reason`, which everyone who sees the vote can read."""
    check_form()
    reason = read_line("reason", min_length=1, max_length=exclusions.MAX_REASON_LENGTH)
    return _set_exclusion(key, vote_id, conversation, reason)


@requires("console", "write", right="exclude_ratings")
def restore(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    """Count a vote again."""
    check_form()
    return _set_exclusion(key, vote_id, conversation, None)


@requires("console", "write", right="erase_words")
def erase_words(key: str, vote_id: UUID, conversation: str | None = None) -> Response:
    """Erase the words and the picture of a vote."""
    check_form()
    site = site_of(key)
    redirection = _redirect_back(site, vote_id, conversation)
    word_erasure.erase_words(site.id, vote_id, by=current_actor())
    record_word_erasure(current_app.config["TILFREDS"].data_dir / ERASED_FILE, site.id, vote_id)
    db.session.commit()
    empty_log(engines().write)
    return redirection


def _set_exclusion(key: str, vote_id: UUID, conversation: str | None, reason: str | None) -> Response:
    """Exclude a vote, or restore it if there is no reason. Without a conversation it is a vote about an article."""
    site = site_of(key)
    redirection = _redirect_back(site, vote_id, conversation)
    if reason is None:
        exclusions.restore(site.id, vote_id, by=current_actor())
    else:
        exclusions.exclude(site.id, vote_id, by=current_actor(), reason=reason)
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


#: The forms under a rating, by the last part of their address.
ACTIONS = {"exclude": exclude, "restore": restore, "erase_words": erase_words}
