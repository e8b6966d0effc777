"""Run docs/operate/deploy/nginx.conf in a real nginx with TLS, from a press to the event on an open stream."""

from __future__ import annotations

import http.client
import json
import queue
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.factories import ORIGIN
from tests.serving import Product
from tests.skip import skip_missing
from tests.widget.conftest import Page, press_id
from widget_server.core import tokens

from .conftest import NAME
from .server import PATIENCE_SECONDS, Server, free_port, listens, wait_until

pytestmark = pytest.mark.server
FILE = Path(__file__).parents[2] / "docs" / "operate" / "deploy" / "nginx.conf"
#: nginx would buffer an event until its buffer is full, which a few votes never reach.
AT_ONCE_SECONDS = 2.0
DEBIAN_PATH = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin:/usr/bin:/usr/local/bin"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Create a self-signed certificate for NAME."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    built_certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
    (folder / "cert.pem").write_bytes(built_certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "cert.pem", folder / "key.pem"


def adapted(folder: Path, port: int, plain_port: int, web_port: int) -> str:
    """Return the shipped file with this test's ports and files."""
    cert, key = certificate(folder)
    text = FILE.read_text()
    changes = {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "127.0.0.1:8000": f"127.0.0.1:{web_port}",
        "127.0.0.1:8001": f"127.0.0.1:{web_port + 1}",
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(cert),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(key),
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;"
        f"events {{}} http {{ access_log {folder}/access.log; {places}\n{text}\n}}\n"
    )


@dataclass
class Proxy:
    """A running nginx with the shipped file."""

    port: int
    plain_port: int
    context: ssl.SSLContext

    def connect(self) -> http.client.HTTPConnection:
        """Connect to this machine with the proxy's name, and verify it."""
        connection = http.client.HTTPConnection(NAME, self.port, timeout=PATIENCE_SECONDS)
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
        connection.sock = self.context.wrap_socket(plain, server_hostname=NAME)
        return connection

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = self.connect()
        connection.request(method, path, None if body is None else json.dumps(body), {"Host": NAME, **headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, content


@dataclass
class Proxied(Proxy):
    """The product behind nginx."""

    product: Product


@contextmanager
def running_nginx(folder: Path, configuration: str) -> Iterator[None]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path=DEBIAN_PATH)
    if nginx is None:
        skip_missing("nginx is not installed: `apt-get install nginx` on Debian, `brew install nginx` on macOS.")
    (folder / "nginx.conf").write_text(configuration)
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        assert wait_until(lambda: (folder / "nginx.pid").exists() or process.poll() is not None)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def proxied(shared_server: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    port, plain_port = free_port(), free_port()
    folder = tmp_path_factory.mktemp("nginx")
    with running_nginx(folder, adapted(folder, port, plain_port, shared_server.port)):
        assert wait_until(lambda: listens(port))
        context = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        yield Proxied(port, plain_port, context, shared_server)


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
    assert status == 200 and "max-age" in headers["strict-transport-security"]
    assert "TRUSTED_PROXIES" not in proxied.product.output()


def test_an_untrusted_proxy_is_logged_once(restarted_server: Server) -> None:
    for _ in range(3):
        restarted_server.status_of(restarted_server.port, "/health/live", {"X-Forwarded-For": "203.0.113.7"})
    assert wait_until(lambda: "TRUSTED_PROXIES" in restarted_server.output())
    assert restarted_server.output().count("through a proxy") == 1
    assert "203.0.113.7" not in restarted_server.output()
