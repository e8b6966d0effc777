"""The command that compares what is counted with what is kept."""

import click
from sqlalchemy import Connection

from .. import create_app
from ..accounts import audit
from ..core.config import Config
from ..ratings import recount
from ..storage import file_lock
from ..storage.db import engines
from .context import reading
from .settings import settings


def snapshot(config: Config) -> Connection:
    """A connection that sees one moment, while votes go on arriving."""
    connection = engines().read.connect()
    return connection if config.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")


@click.command()
@click.option("--mend", is_flag=True, help="Replace wrong counts by what the rows say; only while no server runs.")
def check(mend: bool) -> None:
    """Count all votes anew and compare with the kept counts; look whether the log of decisions is whole.

    The status is 1 when something is wrong."""
    config = settings()
    with reading(), snapshot(config) as connection:
        wrong = recount.differences(connection)
        broken = list(audit.find_broken_entries(connection))
    for table, where, kept, right in wrong:
        click.echo(f"{table} {' '.join(map(str, where))}: kept {kept}, counted {right}")
    click.echo(f"{len(wrong)} of the kept counts are wrong." if wrong else "Every kept count is right.")
    for site_id, number in broken:
        click.echo(f"audit_entry {site_id} {number}: not what was written, or not what follows the one before")
    if wrong and mend:
        with file_lock.write_access(config), create_app(config).app_context(), engines().write.begin() as connection:
            recount.mend_counters(connection)
        click.echo("They were replaced.")
        wrong = []
    if wrong or broken:
        raise click.exceptions.Exit(1)
