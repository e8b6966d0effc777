"""What pages ask for far more often than they vote: the site's file, and impressions of articles."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from . import empty, load, product
from .table import Row

SECONDS, ROUNDS = 4, 3
CONNECTIONS = 32
#: Requests per second by those of the empty route, at least.
MIN_FILE_RATIO, MIN_VIEW_RATIO = 0.35, 0.3


def measure(folder: Path) -> list[Row]:
    """Measure each kind of request and the empty route in turn."""
    with empty.running() as empty_url, product.running(folder / "frequent") as running_product:
        path = f"/w/{running_product.key}"
        url = f"http://127.0.0.1:{running_product.server.port}"
        view = '{"kind":"article","subject":"/help"}'
        kinds = {
            "The site's file, 200": (MIN_FILE_RATIO, ("GET", f"{path}.js", "", None)),
            "The site's file, 304": (MIN_FILE_RATIO, ("GET", f"{path}.js", "", find_tag(f"{url}{path}.js"))),
            "Impressions of an article": (MIN_VIEW_RATIO, ("POST", f"{path}/seen", view, None)),
        }
        return [compare(empty_url, url, what, min_ratio, request) for what, (min_ratio, request) in kinds.items()]


def find_tag(url: str) -> str:
    """Return the entity tag with which a browser asks again."""
    headers = {"Accept-Encoding": "gzip, deflate, br", "Sec-Fetch-Mode": "no-cors"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
        return str(response.headers["ETag"])


def compare(empty_url: str, url: str, what: str, min_ratio: float, request: tuple[str, str, str, str | None]) -> Row:
    """Return the row of one kind of request, as (method, path, body, entity tag)."""
    pairs = []
    for _ in range(ROUNDS):
        yardstick = load.run_wrk(empty_url, '"subject":"/help"', seconds=SECONDS, connections=CONNECTIONS).per_second
        measured = load.repeat_request(url, *request, seconds=SECONDS, connections=CONNECTIONS)
        assert measured.rejected == 0, f"{what}: requests were rejected"
        pairs.append((measured.per_second / yardstick, measured.per_second))
    ratio, rate = sorted(pairs)[1]
    return Row(
        f"{what} / empty POST route, SQLite",
        f"{ratio:.2f}: {rate:,.0f} a second",
        f"at least {min_ratio}",
        ratio >= min_ratio,
    )
