"""Checks that addresses are free to listen on, before any process starts."""

import errno
import socket

from ..core.errors import CommandError

REASONS = {
    errno.EADDRINUSE: "is in use by another program",
    errno.EACCES: "is not permitted for this user",
    errno.EADDRNOTAVAIL: "is not on this machine",
}
MAX_PORT = 65535


class PortRefused(CommandError):
    """An address that cannot be listened on; the text is a sentence that names the setting."""


def check_port(host: str, port: int, setting: str) -> None:
    """Raise PortRefused if the address is not free to listen on.

    The web server shares its port among its processes, so it would not notice another program on the same port.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen(1)
    except socket.gaierror as error:
        raise PortRefused(f"HOST {host} does not resolve to an address.") from error
    except OSError as error:
        reason = REASONS.get(error.errno or 0, f"cannot be used ({error.strerror})")
        name = "HOST" if error.errno == errno.EADDRNOTAVAIL else setting
        raise PortRefused(f"{name}: {host} port {port} {reason}. Choose another with {name}.") from error


def find_free_ports(host: str, port: int, count: int) -> int:
    """Return the first of `count` consecutive free ports, from `port` on.

    Raises PortRefused if there are none, or if the host itself cannot be used.
    """
    for first in range(port, MAX_PORT - count + 2):
        try:
            for offset in range(count):
                check_port(host, first + offset, "PORT")
        except PortRefused as error:
            if error.__cause__ is not None and getattr(error.__cause__, "errno", None) != errno.EADDRINUSE:
                raise
            continue
        return first
    raise PortRefused(f"PORT: no {count} consecutive free ports from {port} on. Choose another with PORT.")
