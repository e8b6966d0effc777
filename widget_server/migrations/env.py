"""What Alembic runs. The connection comes from run.py, already in its transaction and holding its lock."""

from __future__ import annotations

from alembic import context

given = context.config.attributes

context.configure(
    connection=given["connection"],
    # Only where a new migration is drafted (tests/storage/draft.py).
    target_metadata=given.get("metadata"),
    render_item=given.get("render_item"),
    # A column of SQLite is changed by making its table anew.
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
