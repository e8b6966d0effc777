"""Decode an untrusted picture and encode it again as WebP, in a process with limits of CPU time and memory.

It runs as a file, with the limits as JSON in its only argument, and loads nothing of the package, so that it starts in
about 50 ms and holds no secret. The picture comes on standard input. Standard output gets a line of JSON, either
`{"width": …, "height": …}` and then the WebP file, or `{"error": "no_picture" | "too_large"}`.
"""

from __future__ import annotations

import io
import json
import math
import resource
import sys
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
#: The longest side that WebP supports.
MAX_SIDE = 16_383
QUALITY, METHOD = 85, 2
# `Limits.max_pixels` is lower and checked before decoding. The library's limit only warns up to twice its value.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Limits:
    """The largest picture that is decoded, the largest that is stored, and what this process may use."""

    max_pixels: int
    stored_pixels: int
    stored_bytes: int
    cpu_seconds: int
    memory_bytes: int


class TooLargeError(Exception):
    """A picture whose header claims more than `max_pixels`."""


def convert(data: bytes, limits: Limits) -> tuple[bytes, int, int]:
    """Return the picture as WebP without metadata, with its width and height.

    Raises: TooLargeError: it has more than `max_pixels`. Any other error: the bytes are no supported picture.
    """
    return encode(decode(data, limits), limits.stored_bytes)


def decode(data: bytes, limits: Limits) -> Image.Image:
    """Return the upright picture in `data`, with at most `stored_pixels`."""
    # The library allocates the canvas of an animation when it opens it, so its size is checked before.
    check_pixels(*webp_canvas(data), limits)
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        # The size comes from the header, so a decompression bomb is refused before it is decoded.
        check_pixels(*opened.size, limits)
        # Only a JPEG can be decoded at a lower resolution; for others this does nothing.
        opened.draft(None, fitting_size(opened.width, opened.height, limits.stored_pixels))
        shrink(opened, limits.stored_pixels)
        return to_rgb(ImageOps.exif_transpose(opened))


def webp_canvas(data: bytes) -> tuple[int, int]:
    """Return the size of the canvas in the extended header of a WebP, or (0, 0) if it has none."""
    if data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8X":
        return 0, 0
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


def check_pixels(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        raise TooLargeError


def fitting_size(width: int, height: int, pixels: int) -> tuple[int, int]:
    """Return the largest size of this shape with at most this number of pixels."""
    share = min(1.0, math.sqrt(pixels / (width * height)))
    return max(1, int(width * share)), max(1, int(height * share))


def shrink(image: Image.Image, pixels: int) -> None:
    """Scale the picture down to this number of pixels and the longest side that WebP supports."""
    width, height = fitting_size(*image.size, pixels)
    image.thumbnail((min(width, MAX_SIDE), min(height, MAX_SIDE)))


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert to eight bits of red, green and blue, with transparency if the picture has any."""
    if image.mode.startswith("I"):
        # 16-bit grey is scaled here, because the library would clip its values to 8 bits.
        image = image.point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def encode(image: Image.Image, max_bytes: int) -> tuple[bytes, int, int]:
    """Encode as WebP, and scale down until the file has at most this number of bytes."""
    while True:
        file = io.BytesIO()
        # Empty values replace those of the original, so that neither EXIF nor a colour profile is stored.
        image.save(file, "WEBP", quality=QUALITY, method=METHOD, exif=b"", xmp=b"", icc_profile=None)
        content = file.getvalue()
        if len(content) <= max_bytes:
            return content, *image.size
        share = 0.9 * math.sqrt(max_bytes / len(content))
        image.thumbnail((max(1, int(image.width * share)), max(1, int(image.height * share))))


def limit_process(limits: Limits) -> None:
    """Bound this process, so that a decoder that runs away, or is taken over, neither lasts nor writes a file."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(data: bytes, limits: Limits, output: BinaryIO) -> None:
    """Write the picture or the code of its error."""
    content = b""
    try:
        content, width, height = convert(data, limits)
        result: dict[str, str | int] = {"width": width, "height": height}
    except (TooLargeError, MemoryError):
        result = {"error": "too_large"}
    except Exception:  # decoders raise errors of many kinds for invalid bytes
        result = {"error": "no_picture"}
    output.write(json.dumps(result).encode() + b"\n" + content)


def main(limits_text: str) -> None:
    limits = Limits(**json.loads(limits_text))
    limit_process(limits)
    answer(sys.stdin.buffer.read(), limits, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1])
