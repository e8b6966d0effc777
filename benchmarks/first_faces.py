"""The time until the faces are painted on a slow network, compared with a page that paints three pictures."""

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
#: A script of another origin that adds three pictures as large as our faces.
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
#: A script that waits for three pictures, in the page or in the element's shadow root, then for the end of the frame
#: that shows them: a message posted before a frame is drawn arrives right after it, before the page's next task.
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
#: The results after a second, because browsers report long tasks late. Only tasks after the script's arrival count.
RESULTS = """new Promise((resolve) => setTimeout(() => {
  const script = performance.getEntriesByType("resource").find((entry) => entry.initiatorType == "script");
  const longTasks = self.long.filter((start) => start >= script.responseEnd - 1 && start < self.painted);
  resolve([self.painted, self.shift, longTasks.length]);
}, 1000))"""


@dataclass(frozen=True)
class Load:
    """A visit with an empty cache."""

    painted_ms: float
    shift: float
    long_tasks: int
    requests: int


@contextmanager
def run_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=arguments)
        yield browser
        browser.close()


def visit(chromium: Browser, url: str) -> Load:
    """Open a page in a new context, with a slow network and a slow processor."""
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
    # By the bare protocol, because the driver's helpers are a third of a megabyte of script and a long task themselves.
    parameters = {"expression": RESULTS, "awaitPromise": True, "returnByValue": True}
    painted, shift, long_tasks = devtools.send("Runtime.evaluate", parameters)["result"]["value"]
    if not painted:
        raise RuntimeError(f"{url} painted nothing")
    context.close()
    return Load(painted, shift, long_tasks, len(scripts))


def measure(folder: Path) -> Row:
    """Measure both pages in turn, after one visit of each that warms the browser up."""
    pages = Pages()
    with product.running(folder / "faces", origin=pages.url) as running_product, run_browser() as chromium:
        pages.pages["/bare.js"] = (BARE.encode(), {"Content-Type": "text/javascript"})
        place = f'{RESERVED}{ARTICLE}<div id="bare"></div><script async src="{pages.other_url}/bare.js"></script>'
        bare_url = pages.put(place)
        file_url = f"http://127.0.0.1:{running_product.server.port}/w/{running_product.key}.js"
        tag = f'<script async src="{file_url}"></script>'
        faces_url = pages.put(f"{RESERVED}{ARTICLE}<tilfreds-rating></tilfreds-rating>{tag}")
        loads = [(visit(chromium, bare_url), visit(chromium, faces_url)) for _ in range(PAIRS + 1)][1:]
    pages.end()
    ratio = statistics.median(with_faces.painted_ms / bare.painted_ms for bare, with_faces in loads)
    painted_ms = [statistics.median(load.painted_ms for load in kind) for kind in zip(*loads, strict=True)]
    shift = max(with_faces.shift for _, with_faces in loads)
    long_tasks = [sum(load.long_tasks for load in kind) for kind in zip(*loads, strict=True)]
    requests = max(with_faces.requests for _, with_faces in loads)
    return Row(
        f"Faces painted on a slow network ({LATENCY_MS} ms, {BITS_PER_SECOND / 1e6} Mbit/s, processor {SLOWER} times "
        "slower) / three pictures from one script",
        f"{ratio:.2f} times: {painted_ms[1]:.0f} against {painted_ms[0]:.0f} ms, "
        f"median of {PAIRS} pairs; shift {shift:.3f}; "
        f"long tasks {long_tasks[1]}, with the bare page {long_tasks[0]}; requests before {requests}",
        f"at most {MAX_TIME_RATIO} times, 0, 0, 1",
        ratio <= MAX_TIME_RATIO and shift == 0 and long_tasks[1] <= long_tasks[0] and requests == 1,
    )
