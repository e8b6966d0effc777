"""Fixtures of the tests of deliveries and mails."""

from __future__ import annotations

import dataclasses

import pytest

from tests.mailbox import SENDER, Mailbox
from widget_server.core.config import Config


@pytest.fixture
def config(config: Config, mailbox: Mailbox) -> Config:
    return dataclasses.replace(config, smtp_url=mailbox.url, smtp_from=SENDER)
