"""A running server sends mails: by the process that writes to SQLite, or by the worker on PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable

import pytest

from tests.conftest import SECRET_KEY
from tests.databases import ON_BOTH
from tests.mailbox import SENDER, Mailbox

from .server import COMMAND, Server, wait_until

pytestmark = [pytest.mark.server, pytest.mark.slow]


@ON_BOTH
def test_an_invitation_arrives(servers: Callable[..., Server], database_url: str, mailbox: Mailbox) -> None:
    mail = {"smtp_url": mailbox.url, "smtp_from": SENDER}
    secret_keys = SECRET_KEY.decode()
    server = servers(database_url=database_url, secret_keys=secret_keys, backup_keep_days=0, **mail).started()
    command = [*COMMAND, "operator-token"]
    token = subprocess.run(command, env=server.environ, check=True, capture_output=True, text=True).stdout.strip()
    body = json.dumps({"email": "ann@shop.example", "role": "owner"}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/api/v1/users", body, headers)) as answer:
        invited = json.load(answer)
    assert invited["mailed"]
    assert wait_until(lambda: mailbox.mails), server.output()
    assert mailbox.last_link() == invited["link"]
    server.stop()
