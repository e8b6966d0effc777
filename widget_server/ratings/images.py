"""Turn an untrusted picture into a safe one: decode it, rotate it upright, and encode it again.

The content decides, never a file name or a declared type. No received byte is stored, so neither metadata nor a second
file format inside the picture remains.
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
#: The limit of a received picture, and of a stored one: a picture that encodes to more is scaled down.
MAX_BYTES = 2 * 1024 * 1024
#: The longest side that WebP supports.
MAX_SIDE = 16_383
QUALITY, METHOD = 85, 2
#: Pictures that one process handles concurrently: each takes up to 64 MB decoded, and its encoder as much again.
MAX_CONCURRENT = 2
WAIT_SECONDS = 5.0
_turns = threading.BoundedSemaphore(MAX_CONCURRENT)
# `MAX_PIXELS` is lower and checked before decoding. The library's limit only warns up to twice its value.
Image.MAX_IMAGE_PIXELS = None


class NoPicture(DomainError):
    """A file that is not a valid picture of a supported format: 415."""

    status = 415
    code = "no_picture"

    def __init__(self) -> None:
        super().__init__("File is not a valid PNG, JPEG or WebP picture; send one of these formats.")


class TooLarge(DomainError):
    """A picture with more than `MAX_PIXELS`: 413."""

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

    Raises: NoPicture: the bytes are no supported picture. TooLarge: it has more than `MAX_PIXELS`. TooMany: no turn
    became free within `WAIT_SECONDS`.
    """
    with _turn():
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                # The size comes from the header, so a decompression bomb is refused before it is decoded.
                if opened.width * opened.height > MAX_PIXELS:
                    limit = MAX_PIXELS // 1_000_000
                    raise TooLarge(f"Picture has more than {limit} million pixels; send a smaller one.")
                upright = ImageOps.exif_transpose(opened)
                return _encode(_to_rgb(upright))
        except (DomainError, MemoryError):
            raise
        except Exception as error:  # decoders raise errors of many kinds for invalid bytes
            raise NoPicture() from error


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise TooMany("Server is busy with other pictures; try again in a few seconds.", retry_after=5)
    try:
        yield
    finally:
        _turns.release()


def _to_rgb(image: Image.Image) -> Image.Image:
    """Convert to eight bits of red, green and blue, with transparency if the picture has any."""
    if image.mode.startswith("I"):
        # 16-bit grey is scaled here, because the library would clip its values to 8 bits.
        image = image.point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _encode(image: Image.Image) -> Picture:
    """Encode as WebP, and scale down until the file has at most `MAX_BYTES`."""
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    while True:
        file = io.BytesIO()
        # Empty values replace those of the original, so that neither EXIF nor a colour profile is stored.
        image.save(file, "WEBP", quality=QUALITY, method=METHOD, exif=b"", xmp=b"", icc_profile=None)
        content = file.getvalue()
        if len(content) <= MAX_BYTES:
            return Picture(content, *image.size)
        share = 0.9 * math.sqrt(MAX_BYTES / len(content))
        image.thumbnail((max(1, int(image.width * share)), max(1, int(image.height * share))))
