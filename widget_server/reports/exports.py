"""Export votes as CSV. No cell can run as a formula, and memory use does not grow with the number of votes."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TextIO
from uuid import UUID
from zoneinfo import ZoneInfo

from ..inbox.answers import FollowUpAnswer
from ..inbox.vote_filter import VoteFilter
from ..inbox.vote_list import VoteRow, every_vote
from ..sites.models import Site
from ..storage.prepared import AnySession

Cell = str | int | float


def _to_line(answer: FollowUpAnswer) -> str:
    """Return the question and its answer in one line."""
    return f"{answer.question}{'' if answer.question.endswith('?') else ':'} {answer.word}"


#: The value of each column, by the column's name.
COLUMNS: dict[str, Callable[[VoteRow], Any]] = {
    "id": lambda row: row.rating.vote_id,
    "first_at": lambda row: row.rating.first_at,
    "changed_at": lambda row: row.rating.changed_at,
    # Without an offset, as a spreadsheet reads a time with one as text. `iterate_cells` puts it into the site's zone.
    "local_time": lambda row: row.rating.first_at,
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
    "answers": lambda row: "; ".join(_to_line(answer) for answer in row.rating.answers),
    "verified": lambda row: row.rating.verified,
    "status": lambda row: row.rating.status,
    "status_reason": lambda row: row.rating.status_reason,
    "imported": lambda row: row.rating.imported_at is not None,
    "corrected_from": lambda row: row.rating.correction and row.rating.correction.before.score,
    "recovery": lambda row: row.rating.correction and row.rating.correction.recovery,
    "visitor": lambda row: row.visitor,
    "agents": lambda row: ", ".join(row.agents),
    "agent_ids": lambda row: ", ".join(agent_id or "" for agent_id in row.agent_ids),
    "team": lambda row: row.team,
    "language": lambda row: row.language,
    "page": lambda row: row.page,
}
#: A spreadsheet evaluates a cell that starts with one of these, also after spaces or in full width.
FORMULA_STARTS = frozenset("=+-@")
#: Spreadsheets may skip these at the start of a cell and evaluate the rest.
SKIPPED_STARTS = frozenset("\t\r\n\x00")
BYTE_ORDER_MARK = "\ufeff"


def export_votes(
    session: AnySession,
    site_id: UUID,
    vote_filter: VoteFilter,
    file: TextIO,
    *,
    bom: bool = False,
    delimiter: str = ",",
) -> int:
    """Write the votes as CSV, newest first, and return their number.

    `bom` puts a byte order mark first: without it Excel does not read the file as UTF-8.
    """
    if bom:
        file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(COLUMNS)
    count = 0
    for cells in iterate_cells(session, site_id, vote_filter):
        writer.writerow(cells)
        count += 1
    return count


def iterate_cells(session: AnySession, site_id: UUID, vote_filter: VoteFilter) -> Iterator[list[Cell]]:
    """Yield the cells of each vote in the order of `COLUMNS`."""
    zone = ZoneInfo(session.get_one(Site, site_id).time_zone)
    for row in every_vote(session, site_id, vote_filter):
        values = {name: value(row) for name, value in COLUMNS.items()}
        values["local_time"] = values["local_time"].astimezone(zone).replace(tzinfo=None)
        yield [to_cell(value) for value in values.values()]


def to_cell(value: Any) -> Cell:
    """Return the cell for a value. Numbers stay numbers; text that looks like a formula gets a leading quote.

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
        return value.isoformat() if value.tzinfo else f"{value:%Y-%m-%d %H:%M:%S}"
    text = str(value)
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet might evaluate this text."""
    if text[:1] in SKIPPED_STARTS and text:
        return True
    start = next((character for character in text if not (character.isspace() or is_invisible(character))), "")
    return unicodedata.normalize("NFKC", start)[:1] in FORMULA_STARTS and start != ""


def is_invisible(character: str) -> bool:
    """Return whether this is a format or control character, such as a byte order mark."""
    return unicodedata.category(character) in ("Cf", "Cc")
