"""A proxy that passes every request on, and loses answers: the server has done its work, and nobody is told."""

from __future__ import annotations

import socket
from threading import Thread

PIECE = 65_536
SECONDS = 10


class LossyProxy:
    """Listens on `port`. After `lose(n)` the next n answers are read from the server to their end and thrown away."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.losing = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.thread = Thread(target=self._accept, daemon=True)

    def __enter__(self) -> LossyProxy:
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(SECONDS)

    def lose(self, answers: int) -> None:
        self.losing = answers

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self._pass_on(client)

    def _pass_on(self, client: socket.socket) -> None:
        """One request, one answer: both sides close after it."""
        client.settimeout(SECONDS)
        with socket.create_connection(("127.0.0.1", self.server_port), SECONDS) as server:
            server.sendall(self._request(client).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer = b""
            while piece := server.recv(PIECE):
                answer += piece
        assert b" 200 " in answer.partition(b"\r\n")[0], "only answers after a commit are lost"
        if self.losing:
            self.losing -= 1
            return
        client.sendall(answer)

    @staticmethod
    def _request(client: socket.socket) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(PIECE)
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += client.recv(PIECE)
        return head + b"\r\n\r\n" + body
