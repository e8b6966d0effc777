"""What one smiley question costs a page in bytes, beside products that do the same: `make bytes` (it needs npm).

Each product's published package is fetched from npm, at the version that is named here, and the files are counted that
a page loads before a visitor can answer. What a product's own server sends besides is in no package, and not counted.
"""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import brotli

from widget_server.core import clock

from . import product, table
from .__main__ import served_file

STATIC = Path(__file__).parent.parent / "static"
HEADING = "Bytes beside others"
SENTRY = """
import { feedbackIntegration, init } from "@sentry/browser";
init({ dsn: "https://key@shop.example/1", integrations: [feedbackIntegration()] });
"""


@dataclass(frozen=True)
class Counted:
    """A product, what of it was counted, and the bytes of those files."""

    name: str
    files: str
    contents: list[bytes]

    def line(self) -> str:
        sizes = [
            sum(map(len, self.contents)),
            sum(len(gzip.compress(content, 9)) for content in self.contents),
            sum(len(brotli.compress(content, mode=brotli.MODE_TEXT, quality=11)) for content in self.contents),
        ]
        return f"| {self.name} | {self.files} | " + " | ".join(f"{size:,}" for size in sizes) + " |"


#: Package and version, the files of it that a page loads, and what else it would need.
PACKAGES = [
    ("PostHog surveys", "posthog-js@1.449.2", ["dist/array.js", "dist/surveys.js"], "and two answers of its server"),
    ("Countly", "countly-sdk-web@26.1.1", ["lib/countly.min.js"], "and a list, a style sheet and a page of its server"),
    ("Feelback", "@feelback/js@0.3.4", ["dist/browser-auto.js", "styles/feelback.css"], ""),
    ("Typeform embed", "@typeform/embed@6.1.1", ["build/embed.js", "build/css/widget.css"], "and a form in a frame"),
]
#: Formbricks publishes no package of what a page loads: built from its source of 2026-08-22 (core and surveys).
FORMBRICKS = "| Formbricks, source of 2026-08-22 | core and surveys; built once, not by this command | {} |".format(
    " | ".join(f"{size:,}" for size in (1_001_396, 281_499, 232_142))
)


def ours(folder: Path) -> Iterator[Counted]:
    with product.running(folder / "bytes") as served:
        file = served_file(f"http://127.0.0.1:{served.server.port}", served.key, "identity")
    yield Counted("**Tilfreds**", "the one file of a site: chat and article, English", [file])
    later = [path.read_bytes() for path in sorted([*STATIC.glob("dist/en-*.js"), *STATIC.glob("dist/page-*.js")])]
    yield Counted("**Tilfreds**, with all later parts", "the same, and what comes after a press", [file, *later])


def packed(package: str, folder: Path) -> tarfile.TarFile:
    """The package as it is published."""
    command = ["npm", "pack", package, "--json", "--silent", "--pack-destination", str(folder)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return tarfile.open(folder / told[0]["filename"])


def published(folder: Path) -> Iterator[Counted]:
    for name, package, files, more in PACKAGES:
        with packed(package, folder) as tar:
            contents = [_read(tar, file) for file in files]
        named = " + ".join(Path(file).name for file in files)
        yield Counted(f"{name} ({package.rpartition('@')[2]})", f"{named}{', ' if more else ''}{more}", contents)


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(f"package/{name}")
    assert file is not None, f"{name} is no file"
    return io.BytesIO(file.read()).getvalue()


def sentry(folder: Path, version: str = "11.12.0") -> Counted:
    """It is made to be bundled: what a bundler leaves of it."""
    (folder / "page.js").write_text(SENTRY)
    (folder / "package.json").write_text("{}")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"@sentry/browser@{version}"]
    subprocess.run(install, check=True, cwd=folder)
    esbuild = STATIC / "node_modules" / ".bin" / "esbuild"
    bundle = [str(esbuild), "page.js", "--bundle", "--minify", "--format=iife", "--log-level=error"]
    made = subprocess.run(bundle, check=True, cwd=folder, capture_output=True).stdout
    return Counted(f"Sentry feedback ({version})", "browser SDK with feedback, bundled; a message, no scale", [made])


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tilfreds-bytes-") as name:
        folder = Path(name)
        rows = [*ours(folder), *published(folder), sentry(folder)]
    lines = [
        f"{clock.now():%Y-%m-%d}, `make bytes`: the files that a page loads for one smiley question, each compressed",
        "by itself. Packages as npm has them; what their servers send besides is named and not counted.",
        "",
        "| Product | What is counted | Raw | gzip 9 | brotli 11 |",
        "|---|---|---:|---:|---:|",
        *(row.line() for row in rows),
        FORMBRICKS,
    ]
    table.write_section(HEADING, "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
