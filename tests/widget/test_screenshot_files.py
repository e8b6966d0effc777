"""Which files are accepted as a screenshot, and that only their pixels are stored (C15)."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from widget_server.ratings import images
from widget_server.ratings.images import (
    CPU_SECONDS,
    MAX_BYTES,
    MAX_PIXELS,
    MAX_SCANS,
    MEMORY_BYTES,
    STORED_PIXELS,
    clean,
)
from widget_server.ratings.picture_process import Limits, TooLargeError, convert

from ..back_end import Api
from ..databases import ON_BOTH
from .pictures import decode, huge_webp, picture, png_header, progressive_jpeg
from .showing import Answer, Answers, answer, answers, fetch_screenshot, unlimited

__all__ = ["answer", "answers"]
# Each test decodes pictures in a separate process.
pytestmark = pytest.mark.slow
HTML = b"<script>alert(document.domain)</script>"
CANARY = b"canary-in-a-picture"


@ON_BOTH
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_an_image_is_encoded_again_and_listed(api: Api, answer: Answer, form: str) -> None:
    original = picture(form, (120, 80))
    receipt = answer.show(original, headers={"Content-Type": "text/html"})
    assert receipt.status_code == 200
    assert (receipt.get_json()["status"], receipt.get_json()["width"], receipt.get_json()["height"]) == (
        "saved",
        120,
        80,
    )
    screenshot, content = fetch_screenshot(api, answer)
    assert (screenshot["width"], screenshot["height"], screenshot["size"]) == (120, 80, len(content))
    assert (decode(content).format, decode(content).size) == ("WEBP", (120, 80))
    assert content != original
    (listed,) = api.get("/votes").get_json()["votes"]
    assert listed["screenshot"] == screenshot
    assert listed["screenshot_url"] == f"http://localhost/api/v1/votes/{answer.vote}/screenshot"


def create_exif(orientation: int = 1) -> Image.Exif:
    metadata = Image.Exif()
    metadata[0x0112] = orientation
    metadata[0x010E] = CANARY.decode()
    metadata.get_ifd(0x8825).update({1: "N", 2: (55.0, 40.0, 33.0)})
    return metadata


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_no_metadata_is_kept(api: Api, answer: Answer, form: str) -> None:
    """Drop metadata such as the place of a photograph, after rotating the image as it says."""
    original = picture(form, (120, 80), exif=create_exif(orientation=6))
    assert CANARY in original and b"xif" in original.lower(), "the test image has metadata"
    assert answer.show(original).status_code == 200
    screenshot, content = fetch_screenshot(api, answer)
    assert (screenshot["width"], screenshot["height"]) == (80, 120)
    assert dict(decode(content).getexif()) == {}
    assert decode(content).info.keys() <= {"loop", "background", "timestamp", "duration"}
    assert CANARY not in content


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text_in_png(data: bytes) -> bytes:
    whole = picture()
    return whole[:33] + png_chunk(b"tEXt", b"Comment\x00" + data) + whole[33:]


POLYGLOTS = {
    "HTML in a PNG": text_in_png(HTML),
    "HTML behind a PNG": picture() + HTML,
    "HTML behind a JPEG": picture("JPEG") + HTML,
    "HTML as a JPEG's comment": picture("JPEG", comment=HTML),
    "HTML in a WebP": picture("WEBP", xmp=HTML),
    "a ZIP behind a PNG": picture() + b"PK\x03\x04" + HTML,
}


def test_only_the_image_of_a_polyglot_file_is_stored(
    app: Flask, api: Api, answers: Answers, subtests: pytest.Subtests
) -> None:
    for name, content in POLYGLOTS.items():
        with subtests.test(name):
            unlimited(app)
            answer = answers(f"/{name}")
            assert HTML in content
            assert answer.show(content).status_code == 200
            assert HTML not in fetch_screenshot(api, answer)[1]


NO_PICTURES = {
    "nothing": b"",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": b"<!doctype html>" + HTML,
    "a GIF": picture("GIF"),
    "a GIF that is a script": b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)",
    "a BMP that is a script": b"BM/*" + b"\x00" * 40 + b"*/=1;alert(1)",
    "a TIFF": picture("TIFF"),
    "an icon": picture("ICO"),
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a server's settings": b"AddType application/x-httpd-php .png",
    "only the first bytes of a PNG": b"\x89PNG\r\n\x1a\n",
    "a PNG that ends early": picture(size=(400, 400))[:-60],
    "a JPEG that ends early": picture("JPEG", (400, 400))[:300],
    "a PNG whose data is something else": png_header(40, 40)
    + png_chunk(b"IDAT", b"no such thing")
    + png_chunk(b"IEND", b""),
    "a PNG without a pixel": png_header(0, 0) + png_chunk(b"IEND", b""),
    "noise": bytes(range(256)) * 40,
}


def test_a_file_that_is_not_an_image_is_rejected_and_the_answer_stays(
    app: Flask, api: Api, answers: Answers, subtests: pytest.Subtests
) -> None:
    for name, content in NO_PICTURES.items():
        with subtests.test(name):
            unlimited(app)
            answer = answers(f"/{name}")
            refused = answer.show(content, headers={"Content-Type": "image/png"})
            assert (refused.status_code, refused.get_json()["code"]) == (415, "no_picture")
            screenshot, _ = fetch_screenshot(api, answer)
            assert screenshot is None
            assert api.get(f"/votes/{answer.vote}").get_json()["answer"]["score"] == 1


def create_bomb(width: int, height: int) -> bytes:
    """Return a PNG of some bytes that claims to be this large."""
    return png_header(width, height) + png_chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + png_chunk(b"IEND", b"")


#: Created inside the test, because encoding them takes a second.
BOMBS: dict[str, Callable[[], bytes]] = {
    "a PNG of some bytes": lambda: create_bomb(60_000, 60_000),
    "a line of pixels": lambda: create_bomb(MAX_PIXELS + 1, 1),
    "one pixel too many": lambda: picture(size=(4_001, 4_000)),
    "a JPEG": lambda: picture("JPEG", (5_000, 4_000)),
    "an animated WebP of some hundred bytes": huge_webp,
    "one scan too many": lambda: progressive_jpeg(64, MAX_SCANS + 1),
}
#: One picture must not cost more, in seconds of CPU and in bytes.
MAX_CPU_SECONDS, MAX_MEMORY = CPU_SECONDS + 0.5, 400 * 1024 * 1024


def test_a_decompression_bomb_is_rejected(api: Api, answer: Answer, subtests: pytest.Subtests) -> None:
    for name, create in BOMBS.items():
        with subtests.test(name):
            refused = answer.show(create(), environ_overrides={"REMOTE_ADDR": f"203.0.113.{len(name)}"})
            assert (refused.status_code, refused.get_json()["code"]) == (413, "too_large")
            assert fetch_screenshot(api, answer)[0] is None


def test_a_decompression_bomb_is_not_decoded(subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*args: Any) -> None:
        raise AssertionError("a pixel was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", explode)
    limits = Limits(MAX_PIXELS, STORED_PIXELS, MAX_BYTES, CPU_SECONDS, MEMORY_BYTES)
    for name, create in BOMBS.items():
        if name == "one scan too many":
            continue  # counted before that process starts
        with subtests.test(name), pytest.raises(TooLargeError):
            convert(create(), limits)


COSTLY: dict[str, Callable[[], bytes]] = {
    "66,000 scans": lambda: progressive_jpeg(4_000, 66_000),
    "as many scans as allowed": lambda: progressive_jpeg(4_000, MAX_SCANS),
    "a WebP of 700 bytes": lambda: picture("WEBP", (4_000, 4_000), lossless=True),
}


def test_a_costly_image_is_bounded_in_time_and_memory(subtests: pytest.Subtests) -> None:
    """Measure in another process, because memory that this one took earlier would hide the picture's."""
    program = (
        "import resource, sys\n"
        "from widget_server.core.errors import DomainError\n"
        "from widget_server.ratings.images import clean\n"
        "try: code = 'saved' if clean(sys.stdin.buffer.read()) else ''\n"
        "except DomainError as error: code = error.code\n"
        "used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
        "cpu = sum(usage.ru_utime + usage.ru_stime for usage in used)\n"
        "peak = open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]\n"
        "print(code, cpu, (int(peak) + used[1].ru_maxrss) * 1024)"
    )
    for name, create in COSTLY.items():
        with subtests.test(name):
            output = subprocess.run(
                [sys.executable, "-c", program], input=create(), capture_output=True, check=True, timeout=60
            ).stdout.decode()
            code, cpu_seconds, memory = output.split()
            assert code == ("too_large" if name == "66,000 scans" else "saved")
            assert float(cpu_seconds) < MAX_CPU_SECONDS
            assert int(memory) < MAX_MEMORY


def test_the_process_that_decodes_is_ended(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests, tmp_path: Path
) -> None:
    """Replace the decoder by programs that never end, so that the limits alone end them."""
    for name, statement, limit in (
        ("computes", "while True: pass", "CPU_SECONDS"),
        ("sleeps", "import time; time.sleep(600)", "DECODE_SECONDS"),
    ):
        with subtests.test(name), monkeypatch.context() as patch:
            source = images.PROGRAM.read_text().replace("    answer(", f"    {statement}\n    answer(", 1)
            program = tmp_path / images.PROGRAM.name
            program.write_text(source)
            patch.setattr(images, "PROGRAM", program)
            patch.setattr(images, limit, 1)
            start = time.monotonic()
            with pytest.raises(images.TooLarge):
                clean(picture())
            assert time.monotonic() - start < 4


@pytest.mark.slow
def test_an_image_of_the_maximum_pixels_is_accepted_and_stored_small(subtests: pytest.Subtests) -> None:
    # Creating noise is slow, and sixteen tiles of the same noise are as hard to encode.
    tile, noise = Image.effect_noise((1_000, 1_000), 90), Image.new("RGB", (4_000, 4_000))
    for column, top in product(range(0, 4_000, 1_000), repeat=2):
        noise.paste(tile, (column, top))
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=4)
    for name, content in {"noise": file.getvalue(), "one colour": picture(size=(4_000, 4_000))}.items():
        with subtests.test(name):
            assert len(content) < 2 * MAX_BYTES
            image = clean(content)
            assert len(image.content) <= MAX_BYTES and decode(image.content).size == (image.width, image.height)
            assert image.width == image.height > 1_000
            assert image.width * image.height <= STORED_PIXELS


def test_every_kind_of_png_keeps_its_colour(subtests: pytest.Subtests) -> None:
    image = Image.new("L", (40, 40), 128)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        with subtests.test(mode=mode):
            source = Image.new("I;16", (40, 40), 32_896) if mode == "I;16" else image.convert(mode)
            file = io.BytesIO()
            source.save(file, "PNG")
            grey = decode(clean(file.getvalue()).content).convert("L").resize((1, 1)).getpixel((0, 0))
            assert isinstance(grey, int) and abs(grey - 128) < 6


def test_transparent_pixels_stay_transparent() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(file, "PNG")
    assert decode(clean(file.getvalue()).content).getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_too_many_bytes_are_rejected_with_and_without_a_length(answer: Answer) -> None:
    large = picture().ljust(MAX_BYTES + 1, b"\x00")
    assert answer.show(large).get_json()["code"] == "too_large"
    without_length = answer.show(
        b"",
        input_stream=io.BytesIO(large),
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert (without_length.status_code, without_length.get_json()["code"]) == (413, "too_large")
