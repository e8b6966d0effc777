"""Join the subjects of `/guide`, `/guide/` and `/guide/index.html`.

The way down keeps them joined, because nothing tells which of the old names a view or a vote had.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0028"
down_revision = "2026_11_30_0027"
branch_labels = None
depends_on = None

#: As in subjects/names.py at the time of this migration.
PATH_END = re.compile(r"/(index\.html?)?$")

SUBJECT = sa.table(
    "subject",
    *(sa.column(name, sa.Uuid()) for name in ("site_id", "id")),
    sa.column("kind", sa.String()),
    sa.column("subject", sa.String()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)
VOTE = sa.table(
    "vote",
    *(sa.column(name, sa.Uuid()) for name in ("site_id", "id", "subject_id")),
    sa.column("voter", sa.String()),
    sa.column("changed_at", sa.DateTime(timezone=True)),
)
EVENT = sa.table("event", sa.column("site_id", sa.Uuid()), sa.column("subject_id", sa.Uuid()))
DAY_COUNTS = sa.table(
    "subject_day",
    *(sa.column(name, sa.Uuid()) for name in ("site_id", "subject_id")),
    sa.column("day", sa.Date()),
    *(sa.column(name, sa.Integer()) for name in ("shown_count", "dismissed_count")),
)
TALLY = sa.table(
    "subject_tally",
    *(sa.column(name, sa.Uuid()) for name in ("site_id", "subject_id")),
    sa.column("voted_on", sa.Date()),
    sa.column("revision_id", sa.Uuid()),
    sa.column("score", sa.SmallInteger()),
    sa.column("status", sa.String()),
    sa.column("verified", sa.Boolean()),
    sa.column("n", sa.Integer()),
)
#: The columns that are added up; the others identify a row.
COUNTS = {DAY_COUNTS: ("shown_count", "dismissed_count"), TALLY: ("n",)}


def upgrade() -> None:
    connection = op.get_bind()
    for site_id, name, subject_ids in _groups(connection):
        kept_id, *joined_ids = subject_ids
        for joined_id in joined_ids:
            _free_voters(connection, site_id, kept_id, joined_id)
            for table in (VOTE, EVENT):
                of_joined = sa.and_(table.c.site_id == site_id, table.c.subject_id == joined_id)
                connection.execute(sa.update(table).where(of_joined).values(subject_id=kept_id))
            for table in COUNTS:
                _add_counts(connection, table, site_id, kept_id, joined_id)
            connection.execute(sa.delete(SUBJECT).where(SUBJECT.c.site_id == site_id, SUBJECT.c.id == joined_id))
        of_kept = sa.and_(SUBJECT.c.site_id == site_id, SUBJECT.c.id == kept_id)
        connection.execute(sa.update(SUBJECT).where(of_kept).values(subject=name))


def downgrade() -> None:
    """Keep the joined subjects."""


def _groups(connection: sa.Connection) -> Iterator[tuple[UUID, str, list[UUID]]]:
    """Yield the site, the new name and the ids of subjects that have one name now, the oldest id first."""
    ids_by_name = defaultdict[tuple[UUID, str, str], list[UUID]](list)
    old_names = defaultdict[tuple[UUID, str, str], set[str]](set)
    subjects = sa.select(SUBJECT).where(SUBJECT.c.kind.in_(["article", "page"])).order_by(SUBJECT.c.created_at)
    for row in connection.execute(subjects):
        name = PATH_END.sub("", row.subject) or "/" if row.subject.startswith("/") else row.subject
        key = (row.site_id, row.kind, name)
        ids_by_name[key].append(row.id)
        old_names[key].add(row.subject)
    for key, subject_ids in ids_by_name.items():
        site_id, _, name = key
        if old_names[key] != {name}:
            yield site_id, name, subject_ids


def _free_voters(connection: sa.Connection, site_id: UUID, kept_id: UUID, joined_id: UUID) -> None:
    """Rename the voter of the older vote, where one visitor rated both subjects. Both votes keep counting."""
    votes = sa.select(VOTE).where(VOTE.c.site_id == site_id, VOTE.c.subject_id.in_([kept_id, joined_id]))
    newest: dict[str, Any] = {}
    for row in connection.execute(votes.order_by(VOTE.c.changed_at.desc())):
        if newest.setdefault(row.voter, row) is not row:
            of_row = sa.and_(VOTE.c.site_id == site_id, VOTE.c.id == row.id)
            connection.execute(sa.update(VOTE).where(of_row).values(voter=f"m:{row.id}"))


def _add_counts(
    connection: sa.Connection, table: sa.TableClause, site_id: UUID, kept_id: UUID, joined_id: UUID
) -> None:
    """Add the counts of the joined subject to those of the kept one."""
    counts = COUNTS[table]
    keys = [column.name for column in table.c if column.name not in counts]
    of_joined = sa.and_(table.c.site_id == site_id, table.c.subject_id == joined_id)
    for row in connection.execute(sa.select(table).where(of_joined)).mappings():
        identity = {name: row[name] for name in keys} | {"subject_id": kept_id}
        is_same = sa.and_(*(table.c[name] == value for name, value in identity.items()))
        sums = {name: table.c[name] + row[name] for name in counts}
        if not connection.execute(sa.update(table).where(is_same).values(sums)).rowcount:
            connection.execute(sa.insert(table).values(**identity, **{name: row[name] for name in counts}))
    connection.execute(sa.delete(table).where(of_joined))
