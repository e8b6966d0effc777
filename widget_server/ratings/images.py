"""Turn an untrusted picture into a safe one: decode it, rotate it upright, and encode it again.

The content decides, never a file name or a declared type. No received byte is stored, so neither metadata nor a second
file format inside the picture remains. A small file can cost much time and memory, so a process with limits of both
decodes it (picture_process.py), one picture at a time.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import DomainError, TooMany

#: The limit of a received picture, and of a stored one: a picture that encodes to more is scaled down.
MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 16_000_000
#: A larger picture is scaled down to this number of pixels.
STORED_PIXELS = 8_000_000
#: Browsers and cameras write about ten. Each scan of a progressive JPEG visits every pixel.
MAX_SCANS = 100
START_OF_JPEG, START_OF_SCAN = b"\xff\xd8", b"\xff\xda"
SIGNATURES = (START_OF_JPEG, b"\x89PNG", b"RIFF")
WAIT_SECONDS = 5.0
#: The process is killed after this time, or after `CPU_SECONDS` of computing.
DECODE_SECONDS = 5.0
CPU_SECONDS = 4
#: Of address space, of which the program takes about 60 MB before it decodes.
MEMORY_BYTES = 512 * 1024 * 1024
PROGRAM = Path(__file__).with_name("picture_process.py")
_turn_lock = threading.Lock()


class NoPicture(DomainError):
    """A file that is not a valid picture of a supported format: 415."""

    status = 415
    code = "no_picture"

    def __init__(self) -> None:
        super().__init__("File is not a valid PNG, JPEG or WebP picture; send one of these formats.")


class TooLarge(DomainError):
    """A picture with too many pixels or scans, or one that exceeds the limits of its process: 413."""

    status = 413
    code = "too_large"


@dataclass(frozen=True)
class Picture:
    """A WebP file without metadata; sides in pixels."""

    content: bytes
    width: int
    height: int


def clean(data: bytes) -> Picture:
    """Decode the picture in `data` and encode it again as WebP.

    Raises: NoPicture: the bytes are no supported picture. TooLarge: it has more than `MAX_PIXELS` or `MAX_SCANS`, or
    takes too much time or memory. TooMany: other pictures were decoded for too long.
    """
    if not data.startswith(SIGNATURES):
        raise NoPicture
    if data.startswith(START_OF_JPEG) and data.count(START_OF_SCAN) > MAX_SCANS:
        raise TooLarge(f"JPEG has more than {MAX_SCANS} scans; save it with the usual settings.")
    with take_turn():
        status, output = _run_process(data)
    if status in (-signal.SIGKILL, -signal.SIGXCPU):
        raise TooLarge("Picture takes too long to decode; send a smaller one.")
    if status < 0:  # the decoder crashed
        raise NoPicture
    if status > 0:
        raise RuntimeError(f"{PROGRAM.name} ended with status {status}")
    return _read_output(output)


@contextlib.contextmanager
def take_turn() -> Iterator[None]:
    """Wait until this process decodes no other picture.

    Raises: TooMany: others were decoded for `WAIT_SECONDS`.
    """
    if not _turn_lock.acquire(timeout=WAIT_SECONDS):
        raise TooMany("Server is busy with other pictures; try again in a few seconds.", retry_after=5)
    try:
        yield
    finally:
        _turn_lock.release()


def _run_process(data: bytes) -> tuple[int, bytes]:
    """Return the exit status and the output of the process that decodes this picture."""
    limits = {
        "max_pixels": MAX_PIXELS,
        "stored_pixels": STORED_PIXELS,
        "stored_bytes": MAX_BYTES,
        "cpu_seconds": CPU_SECONDS,
        "memory_bytes": MEMORY_BYTES,
    }
    command = [sys.executable, "-P", "-S", str(PROGRAM), json.dumps(limits)]
    # The environment may hold the server's secrets; a decoder that is taken over finds none.
    environ = {"PYTHONPATH": _library_folder()}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ
    ) as process:
        try:
            output, _ = process.communicate(data, timeout=DECODE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
    return process.returncode, output


def _library_folder() -> str:
    """Return the folder of the picture library, without loading the library into this process."""
    library = importlib.util.find_spec("PIL")
    if library is None or library.origin is None:
        raise RuntimeError("Pillow is not installed")
    return str(Path(library.origin).parent.parent)


def _read_output(output: bytes) -> Picture:
    """Return the picture that the process wrote, or raise the error that it names."""
    head, _, content = output.partition(b"\n")
    result = json.loads(head)
    if result.get("error") == TooLarge.code:
        raise TooLarge(f"Picture has more than {MAX_PIXELS // 1_000_000} million pixels; send a smaller one.")
    if "error" in result or not content.startswith(b"RIFF") or len(content) > MAX_BYTES:
        raise NoPicture
    return Picture(content, result["width"], result["height"])
