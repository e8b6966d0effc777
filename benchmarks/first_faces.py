"""How soon the faces are painted on a slow network, beside a bare page that paints three pictures from one script."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import chromium_path
from tests.browser.pages import Pages

from . import product
from .table import Row

LATENCY_MS, BITS_PER_SECOND, SLOWER = 150, 1_600_000, 4
PAIRS = 25
MAX_TIME_RATIO = 1.2
ARTICLE = "<h1>Returns</h1>" + "<p>Send it back within thirty days, and the money is yours again.</p>" * 6
RESERVED = "<style>tilfreds-rating, #bare { display: block; min-height: 176px }</style>"
#: Three pictures as large as our faces, put into the page by one script of another origin.
BARE = """
const place = document.getElementById("bare");
for (const mouth of ["M8 15q4 4 8 0", "M8 16h8", "M8 17q4-4 8 0"]) {
  const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  box.setAttribute("viewBox", "0 0 24 24"); box.setAttribute("width", "44"); box.setAttribute("height", "44");
  const path = document.createElementNS(box.namespaceURI, "path");
  path.setAttribute("d", mouth); path.setAttribute("stroke", "currentColor"); path.setAttribute("fill", "none");
  box.append(path); place.append(box);
}
"""
#: Waits for three pictures, in the page or in the element's shadow, and then for the end of the frame that shows them:
#: a message that is posted before a frame is drawn arrives right after it, and before what the page does next.
PAINTED = """
  self.shift = 0; self.long = []; self.painted = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => self.shift += entry.value))
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => self.long.push(...list.getEntries().map((task) => task.startTime)))
    .observe({ type: "longtask", buffered: true });
  const look = () => {
    const place = document.querySelector("tilfreds-rating")?.shadowRoot ?? document.getElementById("bare");
    if (place?.querySelectorAll("svg").length == 3) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => self.painted = performance.now();
      port2.postMessage("drawn");
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
#: What was seen, a second later: long tasks are told late, and only those after the script came are the script's.
SEEN = """new Promise((done) => setTimeout(() => {
  const came = performance.getEntriesByType("resource").find((entry) => entry.initiatorType == "script").responseEnd;
  done([self.painted, self.shift, self.long.filter((start) => start >= came - 1 && start < self.painted).length]);
}, 1000))"""


@dataclass(frozen=True)
class Load:
    """One visit with nothing in the cache."""

    painted_ms: float
    shift: float
    long_tasks: int
    requests: int


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        opened = playwright.chromium.launch(executable_path=chromium_path(playwright), args=arguments)
        yield opened
        opened.close()


def visit(chromium: Browser, url: str) -> Load:
    """Open a page in a new context on a slow network and a slow processor."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script(PAINTED)
    devtools: Any = context.new_cdp_session(page)
    devtools.send("Network.enable")
    speed = BITS_PER_SECOND / 8
    conditions = {"latency": LATENCY_MS, "downloadThroughput": speed, "uploadThroughput": speed, "offline": False}
    devtools.send("Network.emulateNetworkConditions", conditions)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url) if request.resource_type == "script" else None)
    page.goto(url)
    # By the bare protocol: the driver's own helpers are a third of a megabyte of script, a long task by themselves.
    ask = {"awaitPromise": True, "returnByValue": True}
    painted, shift, long_tasks = devtools.send("Runtime.evaluate", {"expression": SEEN, **ask})["result"]["value"]
    if not painted:
        raise RuntimeError(f"{url} painted nothing")
    context.close()
    return Load(painted, shift, long_tasks, len(scripts))


def measure(folder: Path) -> Row:
    """Both pages in turn, after one visit of each that warms the browser up."""
    pages = Pages()
    with product.running(folder / "faces", origin=pages.url) as served, browser() as chromium:
        pages.pages["/bare.js"] = (BARE.encode(), {"Content-Type": "text/javascript"})
        place = f'{RESERVED}{ARTICLE}<div id="bare"></div><script async src="{pages.other_url}/bare.js"></script>'
        bare = pages.put(place)
        tag = f'<script async src="http://127.0.0.1:{served.server.port}/w/{served.key}.js"></script>'
        ours = pages.put(f"{RESERVED}{ARTICLE}<tilfreds-rating></tilfreds-rating>{tag}")
        loads = [(visit(chromium, bare), visit(chromium, ours)) for _ in range(PAIRS + 1)][1:]
    pages.end()
    times = statistics.median(with_faces.painted_ms / plain.painted_ms for plain, with_faces in loads)
    took = [statistics.median(load.painted_ms for load in kind) for kind in zip(*loads, strict=True)]
    shift = max(with_faces.shift for _, with_faces in loads)
    long_tasks = [sum(load.long_tasks for load in kind) for kind in zip(*loads, strict=True)]
    requests = max(with_faces.requests for _, with_faces in loads)
    return Row(
        f"Faces painted on a slow network ({LATENCY_MS} ms, {BITS_PER_SECOND / 1e6} Mbit/s, processor {SLOWER} times "
        "slower) / three pictures from one script",
        f"{times:.2f} times: {took[1]:.0f} against {took[0]:.0f} ms, median of {PAIRS} pairs; shift {shift:.3f}; "
        f"long tasks {long_tasks[1]}, with the bare page {long_tasks[0]}; requests before {requests}",
        f"at most {MAX_TIME_RATIO} times, 0, 0, 1",
        times <= MAX_TIME_RATIO and shift == 0 and long_tasks[1] <= long_tasks[0] and requests == 1,
    )
