"""A picture as strangers send it, made into one that is safe to show: decoded, turned upright, encoded anew.

What counts is the content, never a name or a declared type. Nothing of the sent bytes is kept: no metadata, no second
meaning of a file that is two things at once.
"""

from __future__ import annotations

import contextlib
import io
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

from ..core.errors import DomainError, TooMany

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 16_000_000
#: The most that is taken. What is stored is never larger either: a picture that would be is made smaller.
MAX_BYTES = 2 * 1024 * 1024
#: The longest side that WebP can hold.
MAX_SIDE = 16_383
QUALITY, METHOD = 85, 2
#: A decoded picture takes up to 64 MB, and its encoder as much again: so many at a time in one process.
AT_ONCE = 2
WAIT_SECONDS = 5.0
_turns = threading.BoundedSemaphore(AT_ONCE)
# Our own bound is lower and stands before any decoding; the library's would warn of some and refuse others.
Image.MAX_IMAGE_PIXELS = None


class NoPicture(DomainError):
    """The bytes are no picture that is taken: 415."""

    status = 415
    code = "no_picture"

    def __init__(self) -> None:
        super().__init__("Send a PNG, JPEG or WebP picture; this is none, or it is damaged.")


class TooLarge(DomainError):
    """More pixels than are decoded: 413."""

    status = 413
    code = "too_large"


@dataclass(frozen=True)
class Picture:
    """A WebP file without metadata; sides in pixels."""

    content: bytes
    width: int
    height: int


def clean(data: bytes) -> Picture:
    """The picture in `data`, encoded anew; `NoPicture`, `TooLarge`, or `TooMany` when others are at work."""
    with _turn():
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                # Read from the header: a bomb is refused before it goes off.
                if opened.width * opened.height > MAX_PIXELS:
                    raise TooLarge(f"A picture has at most {MAX_PIXELS // 1_000_000} million pixels.")
                upright = ImageOps.exif_transpose(opened)
                return _encode(_plain(upright))
        except (DomainError, MemoryError):
            raise
        except Exception as error:  # whatever strangers' bytes do to a decoder, they are no picture
            raise NoPicture() from error


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise TooMany("Many pictures come at this moment. Try again in a few seconds.", retry_after=5)
    try:
        yield
    finally:
        _turns.release()


def _plain(image: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue, with transparency where the picture has any."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey; the library would cut off the upper ones.
        image = image.point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _encode(image: Image.Image) -> Picture:
    """At most `MAX_BYTES`: what is larger is made smaller, by as much as its bytes are too many."""
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    while True:
        file = io.BytesIO()
        # Nothing of the original is named here, so neither EXIF nor a colour profile comes along.
        image.save(file, "WEBP", quality=QUALITY, method=METHOD, exif=b"", xmp=b"", icc_profile=None)
        content = file.getvalue()
        if len(content) <= MAX_BYTES:
            return Picture(content, *image.size)
        share = 0.9 * math.sqrt(MAX_BYTES / len(content))
        image.thumbnail((max(1, int(image.width * share)), max(1, int(image.height * share))))
