"""A proxy that forwards every request and drops chosen responses after the server has handled them."""

from __future__ import annotations

import socket
from threading import Thread

CHUNK_BYTES = 65_536
TIMEOUT_SECONDS = 10


class LossyProxy:
    """A proxy on `port`. After `lose(n)` it reads the next n responses to their end and drops them."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.responses_to_drop = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.thread = Thread(target=self._accept, daemon=True)

    def __enter__(self) -> LossyProxy:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(TIMEOUT_SECONDS)

    def lose(self, responses: int) -> None:
        self.responses_to_drop = responses

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self._forward(client)

    def _forward(self, client: socket.socket) -> None:
        """Forward one request and its response. Both connections close after it."""
        client.settimeout(TIMEOUT_SECONDS)
        with socket.create_connection(("127.0.0.1", self.server_port), TIMEOUT_SECONDS) as server:
            server.sendall(self._read_request(client).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            response = b""
            while chunk := server.recv(CHUNK_BYTES):
                response += chunk
        assert b" 200 " in response.partition(b"\r\n")[0], "only responses after a commit are dropped"
        if self.responses_to_drop:
            self.responses_to_drop -= 1
            return
        client.sendall(response)

    @staticmethod
    def _read_request(client: socket.socket) -> bytes:
        request_bytes = b""
        while b"\r\n\r\n" not in request_bytes:
            request_bytes += client.recv(CHUNK_BYTES)
        head, _, body = request_bytes.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += client.recv(CHUNK_BYTES)
        return head + b"\r\n\r\n" + body
