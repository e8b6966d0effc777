"""Sign-in links that the shop makes ahead of time."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from widget_server.demo.links import Links

ADDRESS = "http://127.0.0.1:8600/console/sign-in/a"


def test_a_link_made_ahead_of_time_is_given_once() -> None:
    links = Links([sys.executable, "-c", f"print('Open {ADDRESS}')"])
    prepare(links)
    assert links.ready is not None
    assert links() == ADDRESS
    assert links.ready is None


def test_a_command_that_fails_ahead_of_time_fails_for_the_caller_alone() -> None:
    """As where the demo ends while the command still runs."""
    links = Links([sys.executable, "-c", "raise SystemExit(1)"])
    prepare(links)
    assert links.ready is None
    with pytest.raises(subprocess.CalledProcessError):
        links()


def prepare(links: Links) -> None:
    """Wait for the thread that makes the link; a warning, and so a failure, if it ends with an error."""
    before = set(threading.enumerate())
    links.prepare()
    for thread in set(threading.enumerate()) - before:
        thread.join()
