"""Requests over real connections: where they may lead, and the limits of time, bytes and redirects."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.serve.server import free_port
from widget_server.outbound import addresses
from widget_server.outbound.connections import Reach
from widget_server.outbound.deliveries import DeliveryError
from widget_server.outbound.http_client import Limits, Response, request

LOOPBACK = Reach(allowed_hosts=("127.0.0.1",))
Reply = bytes | Callable[[socket.socket], None]


@dataclass
class WebServer:
    """A server that answers each path with bytes or a function, and records the requests."""

    address: str
    port: int
    replies: dict[str, Reply] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://{self.address}:{self.port}{path}"

    def answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(4096)
            if not data:
                return
            head += data
        self.requests.append(head.decode("latin-1"))
        reply = self.replies[head.split()[1].decode()]
        if callable(reply):
            reply(connection)
        else:
            connection.sendall(reply)


@contextmanager
def web_server(address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    with socket.create_server((address, port)) as listener:
        server = WebServer(address, listener.getsockname()[1])
        stopped = threading.Event()

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    if stopped.is_set():
                        return
                    with tls.wrap_socket(connection, server_side=True) if tls else connection as channel:
                        server.answer(channel)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            stopped.set()
            socket.create_connection((address, server.port)).close()
            thread.join(10)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def reply_of(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect_to(location: str) -> bytes:
    return reply_of(b"", f"Location: {location}", status="302 Found")


def get(url: str, **options: Any) -> Response:
    return request("GET", url, **{"reach": LOOPBACK, **options})


def problem(url: str, **options: Any) -> str:
    with pytest.raises(DeliveryError) as caught:
        get(url, **options)
    return caught.value.text


def resolve_names(monkeypatch: pytest.MonkeyPatch, **answers: list[str]) -> list[str]:
    """Have names resolve to the next of these addresses; return the names that were looked up."""
    lookups: list[str] = []
    original = socket.getaddrinfo

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        name = host.removesuffix(".example")
        if name in answers:
            lookups.append(host)
            host = answers[name].pop(0) if len(answers[name]) > 1 else answers[name][0]
        return original(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return lookups


def test_a_request_and_its_response(server: WebServer) -> None:
    server.replies["/in?a=%20b%C3%A9"] = reply_of(b"received", "X-Kind: test", status="422 No")
    response = request(
        "POST", server.url("/in?a= bé"), headers={"Authorization": "Bearer 1"}, body=b"text", reach=LOOPBACK
    )
    assert (response.status, response.body, response.headers["x-kind"]) == (422, b"received", "test")
    [head] = server.requests
    assert head.startswith("POST /in?a=%20b%C3%A9 HTTP/1.1\r\n")
    for line in (f"Host: 127.0.0.1:{server.port}", "Authorization: Bearer 1", "Content-Length: 4", "User-Agent: Til"):
        assert f"\r\n{line}" in head


def test_the_checked_address_is_connected_with_the_name_of_the_host(
    monkeypatch: pytest.MonkeyPatch, tls_context: ssl.SSLContext
) -> None:
    """A name server that answers differently the second time must not lead the connection elsewhere."""
    with web_server(tls=tls_context) as checked, web_server("127.0.0.2", checked.port, tls_context) as internal:
        checked.replies["/"] = internal.replies["/"] = reply_of(b"ok")
        lookups = resolve_names(monkeypatch, localhost=["127.0.0.1", "127.0.0.2"])
        names: list[str] = []
        tls_context.sni_callback = lambda _socket, name, _context: names.append(name)
        reach = Reach(is_trusted=True)
        assert get(f"https://localhost:{checked.port}/", reach=reach).body == b"ok"
        assert (lookups, names, internal.requests) == (["localhost"], ["localhost"], [])
        assert f"\r\nHost: localhost:{checked.port}\r\n" in checked.requests[0]
        rebound = resolve_names(monkeypatch, other=["127.0.0.1"])
        assert "The certificate of other.example" in problem(f"https://other.example:{checked.port}/", reach=reach)
        assert rebound == ["other.example"]


def test_internal_addresses_are_refused_in_every_form(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    server.replies["/"] = reply_of(b"secret")
    resolve_names(monkeypatch, mixed=["127.0.0.1"], metadata=["169.254.169.254"], nat64=["64:ff9b::7f00:1"])
    hosts = ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]", "localhost"]
    hosts += ["[::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "100.64.0.1", "mixed.example", "metadata.example"]
    for host in [*hosts, "nat64.example"]:
        with subtests.test(host=host):
            assert "internal address" in problem(f"http://{host}/", reach=Reach())
    assert server.requests == []


def test_other_ports_need_the_operator(server: WebServer) -> None:
    server.replies["/"] = reply_of(b"ok")
    for reach in (Reach(), Reach(allowed_hosts=("10.0.0.0/8", "localhost"))):
        assert "is not allowed. Use port 443 or 80" in problem(server.url(), reach=reach)
    for reach in (LOOPBACK, Reach(allowed_hosts=("127.0.0.0/8",)), Reach(is_trusted=True)):
        assert get(server.url(), reach=reach).status == 200


def test_only_plain_addresses_are_accepted(subtests: pytest.Subtests) -> None:
    urls = ["file:///etc/passwd", "ftp://shop.example/", "//shop.example", "shop.example", "http://", "https:///path"]
    urls += ["http://user:word@shop.example/", "http://shop.example:99999/", "http://[::1/", "gopher://x", ""]
    for url in [*urls, "http://shop.example/\r\nX: 1", "http://shop\x00.example/", "http://" + "a" * 64 + ".example/"]:
        with subtests.test(url=url):
            assert "is not an address" in problem(url)


def test_headers_cannot_be_injected(server: WebServer) -> None:
    problem(server.url(), headers={"X-Kind": "1\r\nX-Other: 2"})
    assert server.requests in ([], ["GET / HTTP/1.1\r\n"])


def test_redirects_are_returned_unless_asked_for(server: WebServer) -> None:
    server.replies |= {
        "/": redirect_to("next?page=é"),
        "/next?page=%C3%A9": redirect_to("/end"),
        "/end": reply_of(b"e"),
    }
    server.replies["/"] = redirect_to("next?page=é")
    assert get(server.url()).status == 302
    response = get(server.url(), limits=Limits(max_redirects=2))
    assert (response.status, response.url, response.body) == (200, server.url("/end"), b"e")
    assert "redirects more than 1 times" in problem(server.url(), limits=Limits(max_redirects=1))
    posted = request("POST", server.url(), body=b"x", reach=LOOPBACK, limits=Limits(max_redirects=5))
    assert posted.status == 302


def test_every_redirect_is_checked(server: WebServer, subtests: pytest.Subtests) -> None:
    follow = Limits(max_redirects=5)
    with web_server("127.0.0.2") as internal:
        internal.replies["/"] = reply_of(b"secret")
        locations = [internal.url(), "http://127.0.0.2/", "http://[::ffff:7f00:2]/", "file:///etc/passwd"]
        for location in locations:
            for reach in (LOOPBACK, Reach(is_trusted=True)):
                with subtests.test(location=location, reach=reach):
                    server.replies["/"] = redirect_to(location)
                    assert problem(server.url(), reach=reach, limits=follow)
        assert internal.requests == []


def test_a_redirect_to_no_address_is_a_problem_in_words(server: WebServer) -> None:
    server.replies["/"] = redirect_to("http://[")
    assert "http://[ is not an address" in problem(server.url(), limits=Limits(max_redirects=1))


def test_another_origin_receives_no_secret(server: WebServer) -> None:
    with web_server() as other:
        server.replies |= {"/": redirect_to("/same"), "/same": redirect_to(other.url())}
        other.replies["/"] = reply_of(b"ok")
        secrets = {"Authorization": "Bearer 1", "Cookie": "a=b", "Accept": "text/html"}
        assert get(server.url(), headers=secrets, limits=Limits(max_redirects=2)).body == b"ok"
        assert all("Bearer 1" in head and "a=b" in head for head in server.requests)
        [head] = other.requests
        assert "Bearer" not in head
        assert "a=b" not in head
        assert "text/html" in head


def test_large_responses_are_refused(server: WebServer, subtests: pytest.Subtests) -> None:
    def send_endless(start: bytes, part: bytes) -> Reply:
        def reply(connection: socket.socket) -> None:
            connection.sendall(start)
            with suppress(OSError):
                while True:
                    connection.sendall(part)

        return reply

    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    server.replies = {
        "/length": reply_of(b"x" * 1001),
        "/chunks": send_endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk),
        "/endless": send_endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 4096),
        "/headers": send_endless(b"HTTP/1.1 200 OK\r\n", b"X-Long: " + b"x" * 60_000 + b"\r\n"),
        "/interim": send_endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    }
    for path in server.replies:
        with subtests.test(path=path):
            text = problem(server.url(path), limits=Limits(max_bytes=1000))
            assert "more than 1000 bytes" in text or "does not answer with valid HTTP: LineTooLong" in text
    server.replies["/exact"] = reply_of(b"x" * 1000)
    assert len(get(server.url("/exact"), limits=Limits(max_bytes=1000)).body) == 1000


def test_incomplete_and_compressed_responses_are_refused(server: WebServer) -> None:
    server.replies = {
        "/short": reply_of(b"x" * 10)[:-4],
        "/chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
        "/gzip": reply_of(b"\x1f\x8b", "Content-Encoding: gzip"),
        "/nonsense": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    }
    assert "IncompleteRead" in problem(server.url("/short"))
    assert "IncompleteRead" in problem(server.url("/chunk"))
    assert "compression that was not requested" in problem(server.url("/gzip"))
    assert "valid HTTP: BadStatusLine" in problem(server.url("/nonsense"))


def test_a_host_that_drips_is_cut(server: WebServer, tls_context: ssl.SSLContext, subtests: pytest.Subtests) -> None:
    """The limit is one of all reads, redirects included; a byte now and then does not extend it."""
    is_over = threading.Event()

    def drip(start: bytes) -> Reply:
        def reply(connection: socket.socket) -> None:
            connection.sendall(start)
            with suppress(OSError):
                while not is_over.wait(0.02):
                    connection.sendall(b"1")

        return reply

    def redirect_late(connection: socket.socket) -> None:
        is_over.wait(0.15)
        connection.sendall(redirect_to("/"))

    replies = {
        "status": drip(b""),
        "headers": drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        "body": drip(b"HTTP/1.1 200 OK\r\n\r\n"),
        "redirects": redirect_late,
    }
    limits = Limits(total_seconds=0.4, max_redirects=20)
    with web_server(tls=tls_context) as encrypted:
        for (part, reply), scheme in [(item, scheme) for item in replies.items() for scheme in ("http", "https")]:
            with subtests.test(part=part, scheme=scheme):
                target = encrypted if scheme == "https" else server
                target.replies["/"] = reply
                started_at = time.monotonic()
                reach = Reach(is_trusted=True)
                url = f"https://localhost:{target.port}/" if scheme == "https" else target.url()
                assert "did not answer in time" in problem(url, reach=reach, limits=limits)
                assert time.monotonic() - started_at < 4
        is_over.set()


def test_a_silent_name_server_and_handshake_end_in_time(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    limits = Limits(total_seconds=0.3)
    server.replies["/"] = b""
    silent = socket.create_server(("127.0.0.1", 0))
    with silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert "did not answer in time" in problem(url, limits=limits)
    original = socket.getaddrinfo

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        if host == "slow.example":
            answered.wait(10)
        return original(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        assert "name server did not answer" in problem("http://slow.example/", limits=limits)
    finally:
        answered.set()


def test_the_next_address_is_tried(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "resolve", lambda *_names, **_reach: ["127.0.0.3", "127.0.0.1"])
    server.replies["/"] = reply_of(b"ok")
    url = f"http://localhost:{server.port}/"
    assert get(url, reach=Reach(is_trusted=True)).body == b"ok"
    closed = f"http://localhost:{free_port()}/"
    assert "refused the connection" in problem(closed, reach=Reach(is_trusted=True))
