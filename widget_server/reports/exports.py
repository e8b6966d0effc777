"""Votes as a table for spreadsheets: no cell is taken for a formula, and memory does not grow with their number."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TextIO
from uuid import UUID

from ..inbox.answers import FollowUpAnswer
from ..inbox.load_ratings import AnySession
from ..inbox.vote_list import VoteFilter, VoteRow, every_vote

Cell = str | int | float


def _asked(given: FollowUpAnswer) -> str:
    """Question and answer in one line."""
    return f"{given.question}{'' if given.question.endswith('?') else ':'} {given.word}"


#: By the column's name.
COLUMNS: dict[str, Callable[[VoteRow], Any]] = {
    "id": lambda row: row.rating.vote_id,
    "first_at": lambda row: row.rating.first_at,
    "changed_at": lambda row: row.rating.changed_at,
    "day": lambda row: row.voted_on,
    "kind": lambda row: row.kind,
    "subject": lambda row: row.subject,
    "segment": lambda row: row.segment,
    "channel": lambda row: row.channel,
    "survey": lambda row: row.survey_id,
    "revision": lambda row: row.revision_id,
    "look": lambda row: row.rating.answer and row.rating.answer.look,
    "score": lambda row: row.rating.answer and row.rating.answer.score,
    "sentiment": lambda row: row.rating.answer and row.rating.answer.sentiment,
    "word": lambda row: row.rating.answer and row.rating.answer.word,
    "comment": lambda row: row.rating.comment,
    "reasons": lambda row: ", ".join(reason.word for reason in row.rating.reasons),
    "answers": lambda row: "; ".join(_asked(given) for given in row.rating.answers),
    "verified": lambda row: row.rating.verified,
    "status": lambda row: row.rating.status,
    "status_reason": lambda row: row.rating.status_reason,
    "corrected_from": lambda row: row.rating.correction and row.rating.correction.before.score,
    "recovery": lambda row: row.rating.correction and row.rating.correction.recovery,
    "visitor": lambda row: row.visitor,
    "agents": lambda row: ", ".join(row.agents),
    "team": lambda row: row.team,
    "language": lambda row: row.language,
    "page": lambda row: row.page,
}
#: With one of these at its start, also after spaces or in full width, a spreadsheet calculates a cell.
FORMULA = frozenset("=+-@")
UNREAD = frozenset("\t\r\n\x00")
BOM = "\ufeff"


def export_votes(session: AnySession, site_id: UUID, wanted: VoteFilter, out: TextIO, *, bom: bool = False) -> int:
    """Write the votes as CSV, newest first; how many there were. Excel reads UTF-8 only behind a byte order mark."""
    if bom:
        out.write(BOM)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for cells in vote_cells(session, site_id, wanted):
        writer.writerow(cells)
        count += 1
    return count


def vote_cells(session: AnySession, site_id: UUID, wanted: VoteFilter) -> Iterator[list[Cell]]:
    for row in every_vote(session, site_id, wanted):
        yield [to_cell(value(row)) for value in COLUMNS.values()]


def to_cell(value: Any) -> Cell:
    """Numbers stay numbers; text that could be calculated gets a quote before it.

    >>> to_cell(-3), to_cell("-3"), to_cell(" =1+1"), to_cell("fine")
    (-3, "'-3", "' =1+1", 'fine')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if is_calculated(text) else text


def is_calculated(text: str) -> bool:
    """Whether a spreadsheet might take this text for more than text."""
    if text[:1] in UNREAD and text:
        return True
    start = next((character for character in text if not (character.isspace() or is_invisible(character))), "")
    return unicodedata.normalize("NFKC", start)[:1] in FORMULA and start != ""


def is_invisible(character: str) -> bool:
    """Format and control characters, a byte order mark among them."""
    return unicodedata.category(character) in ("Cf", "Cc")
