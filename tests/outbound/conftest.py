"""Fixtures of the tests of deliveries and mails."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from tests.mailbox import SENDER, Mailbox, serving
from widget_server.core.config import Config


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Mailbox]:
    with serving(Mailbox()) as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(mail_server: Mailbox) -> Mailbox:
    """Return an empty mailbox on a running mail server."""
    mail_server.empty()
    return mail_server


@pytest.fixture
def config(config: Config, mailbox: Mailbox) -> Config:
    return dataclasses.replace(config, smtp_url=mailbox.url, smtp_from=SENDER)
