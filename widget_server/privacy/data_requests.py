"""Requests of people about their data, as API and console make them. Functions flush and never commit.

After the commit of an erasure, the caller empties SQLite's log (`storage.engines.empty_log`), which has the old pages.
"""

from __future__ import annotations

from pathlib import Path

from ..accounts import audit
from ..accounts.actors import Actor
from ..conversations.models import Conversation
from ..sites.models import Site
from ..visitors.service import get_visitor
from . import erasure
from .erasure_ledger import ERASED_FILE, record_conversation_erasure, record_erasure


def erase_visitor(site: Site, external_id: str, *, by: Actor, data_dir: Path) -> int:
    """Erase a visitor, in the ledger too, and return how many conversations were cleared.

    Raises: NotFound: the site has no such visitor.
    """
    visitor_id = get_visitor(site.id, external_id).id
    # Before any row is locked, because the answers of open pages would wait for the flush of the file.
    record_erasure(data_dir / ERASED_FILE, site.id, external_id)
    count = erasure.erase_visitor(site, external_id)
    # The ids of the back end are personal, so the entry has ours.
    detail = {"conversations": count}
    audit.record(site.id, actor=by, action="visitor.erased", target=f"visitor {visitor_id}", detail=detail)
    return count


def erase_conversation(conversation: Conversation, *, by: Actor, data_dir: Path) -> None:
    """Erase a conversation, in the ledger too. Erasing it again has no effect."""
    if conversation.erased_at is None:
        site_id, conversation_id = conversation.site_id, conversation.id
        record_conversation_erasure(data_dir / ERASED_FILE, site_id, conversation_id)
        erasure.erase_conversation(conversation)
        target = f"conversation {conversation_id}"
        audit.record(site_id, actor=by, action="conversation.erased", target=target, detail={})
