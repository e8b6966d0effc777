"""The environment that Alembic runs.

Its connection comes from run.py, inside a transaction that holds the lock.
"""

from __future__ import annotations

from alembic import context

attributes = context.config.attributes

context.configure(
    connection=attributes["connection"],
    # Set only when tests/storage/draft.py drafts a new migration.
    target_metadata=attributes.get("metadata"),
    render_item=attributes.get("render_item"),
    # SQLite cannot alter a column, so Alembic rebuilds the table.
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
