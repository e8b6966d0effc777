"""The commands that run a server."""

import os
import signal

import click

from ..serve import start
from .settings import settings


@click.command()
def serve() -> None:
    """Serve: web, live and worker, until SIGTERM or SIGINT."""
    # Until the supervisor handles signals, nothing runs that would need more than to end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    start.serve(settings(), os.environ)


@click.command()
def live() -> None:
    """Serve only the event streams, on LIVE_PORT; `serve` starts this by itself."""
    settings().check_security()
    argv = start.script_command("live.py")
    os.execv(argv[0], argv)
