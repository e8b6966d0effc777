"""Connect to a host of another network, and say in words why it failed."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from . import addresses
from .deliveries import DeliveryError

CONNECT_SECONDS = 5.0
#: How many addresses of a host are tried.
MAX_ADDRESSES = 4


@dataclass(frozen=True)
class Reach:
    """Which internal addresses a connection may lead to."""

    #: Whether the operator set the host in the environment, and it may therefore be internal.
    is_trusted: bool = False
    #: Host names, addresses and networks that the operator allows.
    allowed_hosts: tuple[str, ...] = ()


def connect(host: str, port: int, reach: Reach, seconds: float, connect_seconds: float) -> socket.socket:
    """Return a connection to the first address of the host that answers; `seconds` limits all of it.

    Raises:
        DeliveryError: the name does not resolve, or leads to an internal address.
        OSError: no address answers.
    """
    deadline = time.monotonic() + seconds
    *first_hosts, last_host = _resolve(host, port, reach, seconds)[:MAX_ADDRESSES]
    for address in first_hosts:
        with suppress(OSError):
            return socket.create_connection((address, port), min(seconds_until(deadline), connect_seconds))
    return socket.create_connection((last_host, port), min(seconds_until(deadline), connect_seconds))


def seconds_until(deadline: float) -> float:
    """Return the seconds until a moment of the monotonic clock.

    Raises:
        TimeoutError: it has passed.
    """
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _resolve(host: str, port: int, reach: Reach, seconds: float) -> list[str]:
    """Resolve a host in a thread, because the system's look-up has no time limit."""
    result: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            result.set_result(addresses.resolve(host, port, is_trusted=reach.is_trusted, allowed=reach.allowed_hosts))
        except Exception as error:
            result.set_exception(error)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        return result.result(seconds)
    except TimeoutError:
        raise DeliveryError(f"The name server did not answer for {host} in time.") from None


def explain(where: str, error: OSError | ValueError) -> str:
    """Return a sentence about a failed connection."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {where} is not valid: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"{where} does not answer with TLS. Choose another encryption or port."
    if isinstance(error, TimeoutError):
        return f"{where} did not answer in time. Check the port, the encryption and the firewall."
    if isinstance(error, ConnectionRefusedError):
        return f"{where} refused the connection. Check the host and the port."
    return f"{where} cannot be reached: {error}."
