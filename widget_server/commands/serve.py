"""The commands that run a server."""

import os
import signal

import click

from ..serve import start
from .settings import settings


@click.command()
def serve() -> None:
    """Run the web server, the event streams and the periodic work, until SIGTERM or SIGINT."""
    # Before the supervisor handles signals nothing needs a clean shutdown, so Ctrl-C ends the process at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    start.start_server(settings(), os.environ)


@click.command()
def live() -> None:
    """Run only the event streams, on LIVE_PORT; `serve` starts this process."""
    settings().check_security()
    argv = start.script_command("live.py")
    os.execv(argv[0], argv)
