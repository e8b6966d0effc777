"""A real nginx with docs/operate/deploy/nginx.conf and TLS, in front of a server."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.serving import Product
from tests.skip import skip_missing

from .server import PATIENCE_SECONDS, free_port, listens, wait_until

#: The server name in the file.
NAME = "ratings.example.org"
FILE = Path(__file__).parents[2] / "docs" / "operate" / "deploy" / "nginx.conf"
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


@contextmanager
def proxied_server(server: Product, folder: Path) -> Iterator[Proxied]:
    """Run nginx in front of a server that trusts one proxy."""
    port, plain_port = free_port(), free_port()
    with running_nginx(folder, adapted(folder, port, plain_port, server.port)):
        assert wait_until(lambda: listens(port))
        yield Proxied(port, plain_port, ssl.create_default_context(cafile=str(folder / "cert.pem")), server)
