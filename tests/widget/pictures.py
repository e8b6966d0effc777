"""Images to send as screenshots."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(form: str = "PNG", size: tuple[int, int] = (64, 40), colour: str = "#14746f", **options: Any) -> bytes:
    """Return an image of one colour in this format; `options` are those of Pillow's encoder."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, form, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that claims this size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def decode(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def _segment(marker: int, data: bytes) -> bytes:
    """Return a JPEG segment with its length."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _run_of_empty_blocks(blocks: int) -> bytes:
    """Return the coded data of a scan without coefficients: code 0 (a run of 2^14 blocks or more), then its 14 bits."""
    longest = 0x7FFF
    lengths = [longest] * (blocks // longest)
    rest = blocks % longest
    bits = "".join("0" + format(length - 0x4000, "014b") for length in lengths)
    if rest >= 0x4000:
        bits += "0" + format(rest - 0x4000, "014b")
    else:
        bits += "10" * rest  # code 10 is the end of one block
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")


def progressive_jpeg(side: int, scans: int) -> bytes:
    """Return a valid grey JPEG of this side whose scans refine nothing: some bytes each, and each visits all blocks."""
    blocks = (-(-side // 8)) ** 2
    dc_table = bytes([0x00, 1, *[0] * 15, 0x00])  # one code of one bit: no difference
    ac_table = bytes([0x10, 1, 1, *[0] * 14, 0xE0, 0x00])  # 0: a run of 2^14 blocks or more; 10: the end of a block
    dc_bits = "0" * blocks + "1" * (-blocks % 8)
    dc_data = int(dc_bits, 2).to_bytes(len(dc_bits) // 8, "big")
    head = b"\xff\xd8" + _segment(0xDB, bytes([0, *[1] * 64]))
    head += _segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes([1, 0x11, 0]))
    head += _segment(0xC4, dc_table) + _segment(0xC4, ac_table)
    first = _segment(0xDA, bytes([1, 1, 0x00, 0, 0, 0x00])) + dc_data
    empty = _run_of_empty_blocks(blocks)
    coarse = _segment(0xDA, bytes([1, 1, 0x00, 1, 63, 0x01])) + empty
    refined = _segment(0xDA, bytes([1, 1, 0x00, 1, 63, 0x10])) + empty
    return head + first + coarse + refined * (scans - 2) + b"\xff\xd9"


def huge_webp(width: int = 16_383, height: int = 16_383) -> bytes:
    """Return an animated WebP of some hundred bytes: small frames on a canvas that its header claims to be huge."""
    file = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    small = file.getvalue()
    assert small[12:16] == b"VP8X", "an animation begins with its canvas"
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return small[:24] + canvas + small[30:]
