"""Whether an address is free to listen on, asked before anything is started."""

import errno
import socket

from ..core.errors import CommandError

REASONS = {
    errno.EADDRINUSE: "is in use by another program",
    errno.EACCES: "may not be used by this user",
    errno.EADDRNOTAVAIL: "is not on this machine",
}
MAX_PORT = 65535


class PortRefused(CommandError):
    """The address cannot be listened on; its text is a whole sentence that names the setting."""


def probe(host: str, port: int, setting: str) -> None:
    """Listen once and stop. The web server shares its port among its processes, and would share it with a stranger."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
            trial.listen(1)
    except socket.gaierror as error:
        raise PortRefused(f"HOST {host} is not the name of an address.") from error
    except OSError as error:
        reason = REASONS.get(error.errno or 0, f"cannot be used ({error.strerror})")
        name = "HOST" if error.errno == errno.EADDRNOTAVAIL else setting
        raise PortRefused(f"{name}: {host} port {port} {reason}. Choose another with {name}.") from error


def next_free(host: str, port: int, count: int) -> int:
    """The first port from `port` on that is free together with the `count - 1` after it."""
    for first in range(port, MAX_PORT - count + 2):
        try:
            for offset in range(count):
                probe(host, first + offset, "PORT")
        except PortRefused as refused:
            if refused.__cause__ is not None and getattr(refused.__cause__, "errno", None) != errno.EADDRINUSE:
                raise
            continue
        return first
    raise PortRefused(f"PORT: no {count} free ports in a row from {port} on.")
