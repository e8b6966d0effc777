"""The command that runs the periodic work and sends the mails of a server on PostgreSQL."""

import signal
import threading

import click

from .. import create_app
from ..core.errors import CommandError
from ..jobs import sender
from ..jobs.loop import run_forever
from ..jobs.schedule import JOBS
from ..serve import logs, parent_watch
from .settings import settings


@click.command()
def worker() -> None:
    """Run only the periodic work and send mails, on PostgreSQL; `serve` starts this process."""
    config = settings().with_secrets()
    if config.is_sqlite:
        raise CommandError(
            "On SQLite `tilfreds serve` runs the periodic work, because only one process may write to the file."
        )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent_watch.watch_supervisor()
    logs.set_up(config)
    app = create_app(config)
    sender_thread = sender.start_thread(app, stop)
    run_forever(app, JOBS, stop)
    sender_thread.join(config.stop_seconds)
