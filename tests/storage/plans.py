"""The plans of recorded statements on SQLite: none may read a whole table or a whole site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

LARGE_TABLES = (
    "vote|conversation|segment|message|invitation|vote_change|conversation_agent|credited_vote|visitor|subject"
)
#: Steps that read rows of a whole table, or of a whole site.
WHOLE_TABLE = re.compile(rf"SCAN ({LARGE_TABLES})\b(?! CONSTANT)")
WHOLE_SITE = re.compile(rf"SEARCH ({LARGE_TABLES}) USING (?:COVERING )?(?:INDEX (\w+)|PRIMARY KEY) \(site_id=\?\)")
#: Steps that read all rows with one value of a filter, of which a site may have as many as rows.
ALL_OF_VALUE = re.compile(r"SEARCH (vote|conversation) USING (?:COVERING )?INDEX ix_\w+ \(site_id=\? AND \w+=\?\)")
#: Indexes of all rows in the order of a list. Such a step ends when the page is full.
IN_ORDER_OF_LIST = {"ix_conversation_latest", "ix_vote_first"}
#: The conditions of partial indexes, which hold only what matches, in the words of a statement.
PARTIAL_INDEXES = {
    "conversation.unread_since IS NOT NULL": "ix_conversation_unread",
    "conversation.not_asked_reason IS NOT NULL": "ix_conversation_not_asked",
    "conversation.waiting_until > ": "ix_conversation_waiting",
    "conversation.is_recovered IS 1": "ix_conversation_recovered",
    "conversation.is_asked_again IS 1": "ix_conversation_asked_again",
    "vote.excluded_at IS NOT NULL": "ix_vote_excluded",
    "vote.suspicion_reason IS NOT NULL": "ix_vote_suspected",
    "vote.imported_at IS NOT NULL": "ix_vote_imported",
    "vote.is_recovered IS 1": "ix_vote_recovered",
}
#: Values of which each has few rows.
OF_ONE = re.compile(r"AND (segment_id|asked_id|visitor_id|external_id|browser_hash)=")
#: The counters of every article, which sort the list of articles by its counts.
OF_EVERY_ARTICLE = "subject_id IN (SELECT subject.id"
PLANNED = ("SELECT", "WITH", "UPDATE", "DELETE")


@contextmanager
def recording(*engines: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Record the statements that engines send, with their values."""
    statements: list[tuple[str, Any]] = []

    def record(connection: object, cursor: object, statement: str, values: Any, *rest: object) -> None:
        if statement.lstrip().startswith(PLANNED):
            statements.append((statement, values))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", record)


def find_long_steps(statement: str, steps: Sequence[str]) -> list[str]:
    """Return the steps of a plan that read a whole table, a whole site, or all rows with one value of a filter.

    A statement with a limit may read an index in the order of its list, but one that filters by the condition of a
    partial index must read that one.
    """
    narrow_indexes = {index for condition, index in PARTIAL_INDEXES.items() if condition in statement}
    is_limited = "LIMIT" in statement
    ordered_indexes = (narrow_indexes or IN_ORDER_OF_LIST) if is_limited else set()
    long_steps = []
    for step in steps:
        whole_site = WHOLE_SITE.match(step)
        if whole_site and whole_site[1] == "subject" and OF_EVERY_ARTICLE in statement:
            continue
        is_long = whole_site[2] not in ordered_indexes if whole_site else WHOLE_TABLE.match(step)
        if is_long or (ALL_OF_VALUE.match(step) and not is_limited and not OF_ONE.search(step)):
            long_steps.append(step)
    return long_steps
