"""The command that compares stored counts with the stored votes."""

import click
from sqlalchemy import Connection

from .. import create_app
from ..accounts import audit_chain
from ..core.config import Config
from ..ratings import recount
from ..storage import file_lock
from ..storage.db import engines
from .context import reading
from .settings import settings


def connect_to_snapshot(config: Config) -> Connection:
    """Return a connection that sees one moment while votes keep arriving."""
    connection = engines().read.connect()
    return connection if config.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")


@click.command()
@click.option("--mend", is_flag=True, help="Correct wrong counts; stop the server first.")
def check(mend: bool) -> None:
    """Recount all votes, compare with the stored counts, and verify the audit log.

    The exit status is 1 if a count is wrong or an audit entry was changed.
    """
    config = settings()
    with reading(), connect_to_snapshot(config) as connection:
        wrong_counts = recount.differences(connection)
        broken_entries = list(audit_chain.find_broken_entries(connection))
    for table, key, stored_count, actual_count in wrong_counts:
        click.echo(f"{table} {' '.join(map(str, key))}: stored {stored_count}, counted {actual_count}")
    click.echo(f"Wrong stored counts: {len(wrong_counts)}." if wrong_counts else "All stored counts are right.")
    for site_id, number in broken_entries:
        click.echo(f"audit_entry {audit_chain.name_of(site_id)} {number}: changed, or the entry before it is missing")
    if wrong_counts and mend:
        with file_lock.write_access(config), create_app(config).app_context(), engines().write.begin() as connection:
            recount.mend_counters(connection)
        click.echo("The wrong counts were corrected.")
        wrong_counts = []
    if wrong_counts or broken_entries:
        raise click.exceptions.Exit(1)
