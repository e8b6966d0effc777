"""Run docs/operate/deploy/nginx.conf in a real nginx with TLS, from a press to the event on an open stream."""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.factories import ORIGIN
from tests.widget.conftest import Page, press_id
from widget_server.core import tokens

from .nginx import NAME, Proxied, Proxy, adapted, running_nginx
from .server import PATIENCE_SECONDS, Server, free_port, wait_until

pytestmark = pytest.mark.server
#: nginx would buffer an event until its buffer is full, which a few votes never reach.
AT_ONCE_SECONDS = 2.0


def test_the_shipped_file_brings_a_press_to_an_open_stream(proxied: Proxied) -> None:
    make = proxied.product.make
    site = make.site()
    client: Any = proxied.product.client
    page = Page(client, site.key, str(make.survey(site).revision))
    talk = make.chat(site, browser=tokens.digest(page.browser))
    token = page.end(talk).get_json()["token"]
    grant = make.back_end(site).post("/agent-tokens", {"agent": "anna"}).get_json()
    assert grant["live_url"] == f"https://{NAME}/live/events"

    stream = proxied.connect()
    stream.request("GET", "/live/events", headers={"Host": NAME, "Authorization": f"Bearer {grant['token']}"})
    answer = stream.getresponse()
    assert answer.status == 200
    lines: queue.Queue[tuple[float, str]] = queue.Queue()
    threading.Thread(target=read_lines, args=(answer, lines), daemon=True).start()
    assert "hello" in await_line(lines, "event:")[1]

    pressed = time.monotonic()
    body = {"token": token, "id": press_id(), "rev": 1, "age_ms": 0, "score": 3, "revision": page.revision}
    status, headers, content = proxied.call("POST", f"/w/{site.key}/votes", body, Origin=ORIGIN)
    assert status == 200, content
    assert headers["access-control-allow-origin"] == ORIGIN
    assert "Origin" in headers["vary"]
    received_at, _ = await_line(lines, "data:", "vote.cast")
    assert received_at - pressed < AT_ONCE_SECONDS
    # Otherwise closing it would wait for the reading thread until the next heartbeat.
    stream.sock.shutdown(socket.SHUT_RDWR)
    stream.close()


def read_lines(answer: http.client.HTTPResponse, lines: queue.Queue[tuple[float, str]]) -> None:
    try:
        while line := answer.readline():
            lines.put((time.monotonic(), line.decode()))
    except (OSError, ValueError, AttributeError):
        return


def await_line(lines: queue.Queue[tuple[float, str]], start: str, part: str = "") -> tuple[float, str]:
    while True:
        moment, line = lines.get(timeout=PATIENCE_SECONDS)
        if line.startswith(start) and part in line:
            return moment, line


def test_no_log_of_the_proxy_holds_a_token(tmp_path: Path) -> None:
    """Without a server behind it, every request is an error that nginx logs."""
    port, plain_port = free_port(), free_port()
    with running_nginx(tmp_path, adapted(tmp_path, port, plain_port, free_port())):
        proxy = Proxy(port, plain_port, ssl.create_default_context(cafile=str(tmp_path / "cert.pem")))
        assert proxy.call("GET", "/w/canary-file.js")[0] == 502
        for path in ("/survey/site/canary-token", "/survey/site/canary-token?x=1"):
            assert proxy.call("GET", path)[0] == 502
            assert proxy.call("POST", path)[0] == 502
            plain = http.client.HTTPConnection("127.0.0.1", plain_port, timeout=PATIENCE_SECONDS)
            plain.request("GET", path, headers={"Host": NAME})
            assert plain.getresponse().status == 308
            plain.close()
        assert wait_until(lambda: "canary-file" in (tmp_path / "error.log").read_text())
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert "canary-token" not in logs


def test_the_proxy_redirects_and_hides_metrics(proxied: Proxied) -> None:
    """Check that plain HTTP is redirected, metrics are hidden, and a visitor's headers do not pass for the proxy's."""
    plain = http.client.HTTPConnection("127.0.0.1", proxied.plain_port, timeout=PATIENCE_SECONDS)
    plain.request("GET", "/w/x.js", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/w/x.js")
    plain.close()
    assert proxied.call("GET", "/health/ready")[0] == 200
    assert proxied.call("GET", "/metrics")[0] == 404
    status, headers, _ = proxied.call("GET", "/w/nobody.js", **{"X-Forwarded-For": "203.0.113.7"})
    assert status == 200 and headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "TRUSTED_PROXIES" not in proxied.product.output()


def test_an_untrusted_proxy_is_logged_once(restarted_server: Server) -> None:
    for _ in range(3):
        restarted_server.status_of(restarted_server.port, "/health/live", {"X-Forwarded-For": "203.0.113.7"})
    assert wait_until(lambda: "TRUSTED_PROXIES" in restarted_server.output())
    assert restarted_server.output().count("through a proxy") == 1
    assert "203.0.113.7" not in restarted_server.output()
