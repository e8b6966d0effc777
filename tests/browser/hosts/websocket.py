"""One end of a WebSocket (RFC 6455) for a chat's back end in a test: only whole, short texts."""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
from collections.abc import Iterator
from email.message import Message
from typing import BinaryIO

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def accept_of(headers: Message) -> str:
    """Return the Sec-WebSocket-Accept of the upgrade response."""
    key = headers["Sec-WebSocket-Key"].encode()
    return base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode()


class WebSocket:
    """A connection after its upgrade; several threads may send."""

    def __init__(self, reads: BinaryIO, writes: BinaryIO) -> None:
        self.reads, self.writes = reads, writes
        self.lock = threading.Lock()

    def send(self, text: str, kind: int = TEXT) -> None:
        content = text.encode()
        size = len(content)
        head = bytes([0x80 | kind, size]) if size < 126 else struct.pack("!BBH", 0x80 | kind, 126, size)
        with self.lock:
            self.writes.write(head + content)
            self.writes.flush()

    def texts(self) -> Iterator[str]:
        """Yield every text that arrives, until the other end closes."""
        while head := self.reads.read(2):
            kind, size = head[0] & 0x0F, head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self.reads.read(2))
            mask = self.reads.read(4)
            content = bytes(byte ^ mask[at % 4] for at, byte in enumerate(self.reads.read(size)))
            if kind == CLOSE:
                return
            if kind == PING:
                self.send(content.decode(), PONG)
            elif kind == TEXT:
                yield content.decode()
