"""The ledger of erasures, beside the database and in no backup, so that restoring a backup can repeat them.

Each line is a site's id, what was erased, and when: a visitor by a hash, a vote's words and a conversation by its id.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from ..accounts.actors import Actor
from ..conversations.models import Conversation
from ..core import clock
from ..ratings.models import Vote
from ..ratings.word_erasure import erase_words
from ..sites.models import Site
from ..storage.db import db
from ..visitors.erasures import hash_person
from ..visitors.models import Visitor
from .erasure import erase_conversation, erase_visitor

ERASED_FILE = "erased"
NEVER, ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
VOTE_PREFIX, CONVERSATION_PREFIX = "vote:", "conversation:"
#: Who repeats an erasure, in the audit log.
RESTORE = Actor("system", "Restore")


def record_erasure(ledger: Path, site_id: UUID, external_id: str) -> None:
    """Append the erasure of a visitor as a hash and a time."""
    _append(ledger, _person_key(site_id, external_id))


def record_word_erasure(ledger: Path, site_id: UUID, vote_id: UUID) -> None:
    """Append the erasure of the words of a vote."""
    _append(ledger, f"{site_id} {VOTE_PREFIX}{vote_id}")


def record_conversation_erasure(ledger: Path, site_id: UUID, conversation_id: UUID) -> None:
    """Append the erasure of a conversation."""
    _append(ledger, f"{site_id} {CONVERSATION_PREFIX}{conversation_id}")


def _append(ledger: Path, key: str) -> None:
    line = f"{key} {clock.now().isoformat()}\n".encode()
    descriptor = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def apply_erasures(ledger: Path) -> int:
    """Erase the visitors, conversations and words in the ledger that the database still has, and return how many.

    Erasing deletes the visitor's row. A row that was created later belongs to a visitor who came back, so it stays.
    """
    if not ledger.exists():
        return 0
    erasure_times = _read_times(ledger.read_text("ascii"))
    return (
        _erase_words_again(erasure_times)
        + _erase_conversations_again(erasure_times)
        + _erase_visitors_again(erasure_times)
    )


def _erase_visitors_again(erasure_times: dict[str, datetime]) -> int:
    erasures = [
        (visitor, erased_at)
        for visitor in db.session.scalars(select(Visitor))
        if (erased_at := erasure_times.get(_person_key(visitor.site_id, visitor.external_id), NEVER))
        >= visitor.created_at
    ]
    now = clock.now()
    for visitor, erased_at in erasures:
        erase_visitor(db.session.get_one(Site, visitor.site_id), visitor.external_id, min(erased_at, now))
    return len(erasures)


def _erase_words_again(erasure_times: dict[str, datetime]) -> int:
    erased_count = 0
    for site_id, vote_id, erased_at in _erased_ids(erasure_times, VOTE_PREFIX):
        vote = db.session.get(Vote, (site_id, vote_id))
        if vote is not None and vote.erased_at is None:
            erase_words(site_id, vote_id, by=RESTORE, at=erased_at)
            erased_count += 1
    return erased_count


def _erase_conversations_again(erasure_times: dict[str, datetime]) -> int:
    erased_count = 0
    for site_id, conversation_id, erased_at in _erased_ids(erasure_times, CONVERSATION_PREFIX):
        conversation = db.session.get(Conversation, (site_id, conversation_id))
        if conversation is not None and conversation.erased_at is None:
            erase_conversation(conversation, erased_at)
            erased_count += 1
    return erased_count


def _erased_ids(erasure_times: dict[str, datetime], prefix: str) -> Iterator[tuple[UUID, UUID, datetime]]:
    """Yield site, id and time of each erasure of something that the ledger names by its id."""
    for key, erased_at in erasure_times.items():
        site_id, _, name = key.partition(" ")
        if name.startswith(prefix):
            yield UUID(site_id), UUID(name.removeprefix(prefix)), erased_at


def _read_times(lines: str) -> dict[str, datetime]:
    """Return the last erasure of each entry of the ledger, by its site and what was erased."""
    times: dict[str, datetime] = {}
    for line in lines.splitlines():
        site_id, name, *erased_at = line.split(" ")
        # The first ledgers had no times, so their erasures apply to every visitor with that id.
        at = datetime.fromisoformat(erased_at[0]) if erased_at else ALWAYS
        times[f"{site_id} {name}"] = max(at, times.get(f"{site_id} {name}", NEVER))
    return times


def _person_key(site_id: UUID, external_id: str) -> str:
    return f"{site_id} {hash_person(site_id, external_id)}"
