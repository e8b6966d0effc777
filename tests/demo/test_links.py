"""Sign-in links that the shop prepares in advance."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from widget_server.demo.links import Links

ADDRESS = "http://127.0.0.1:8600/console/sign-in/a"


def test_a_prepared_link_is_returned_once() -> None:
    links = Links([sys.executable, "-c", f"print('Open {ADDRESS}')"])
    prepare(links)
    assert links.ready is not None
    assert links() == ADDRESS
    assert links.ready is None


def test_a_failure_in_advance_is_raised_only_for_the_caller() -> None:
    """Check the case of a demo that ends while the command still runs."""
    links = Links([sys.executable, "-c", "raise SystemExit(1)"])
    prepare(links)
    assert links.ready is None
    with pytest.raises(subprocess.CalledProcessError):
        links()


def prepare(links: Links) -> None:
    """Prepare a link and wait for its thread; an error in it becomes a warning, which fails the test."""
    before = set(threading.enumerate())
    links.prepare()
    for thread in set(threading.enumerate()) - before:
        thread.join()
