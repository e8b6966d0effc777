"""The bytes of one smiley question on a page, compared with other products: `make bytes` (it needs npm).

Each product's package is fetched from npm in the version below. Counted are the files that a page loads before a
visitor can answer. Responses of a product's server are not in its package and not counted.
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
from .__main__ import fetch_file

STATIC = Path(__file__).parent.parent / "static"
HEADING = "Bytes beside others"
SENTRY = """
import { feedbackIntegration, init } from "@sentry/browser";
init({ dsn: "https://key@shop.example/1", integrations: [feedbackIntegration()] });
"""


@dataclass(frozen=True)
class ProductFiles:
    """A product, a description of the counted files, and their contents."""

    name: str
    files: str
    contents: list[bytes]

    def to_line(self) -> str:
        sizes = [
            sum(map(len, self.contents)),
            sum(len(gzip.compress(content, 9)) for content in self.contents),
            sum(len(brotli.compress(content, mode=brotli.MODE_TEXT, quality=11)) for content in self.contents),
        ]
        return f"| {self.name} | {self.files} | " + " | ".join(f"{size:,}" for size in sizes) + " |"


#: Name, package with version, the files that a page loads, and other needed resources that are not counted.
PACKAGES = [
    ("PostHog surveys", "posthog-js@1.449.2", ["dist/array.js", "dist/surveys.js"], "and two answers of its server"),
    ("Countly", "countly-sdk-web@26.1.1", ["lib/countly.min.js"], "and a list, a style sheet and a page of its server"),
    ("Feelback", "@feelback/js@0.3.4", ["dist/browser-auto.js", "styles/feelback.css"], ""),
    ("Typeform embed", "@typeform/embed@6.1.1", ["build/embed.js", "build/css/widget.css"], "and a form in a frame"),
]
#: Formbricks publishes no package of the files that a page loads: built from its source of 2026-08-22.
FORMBRICKS = "| Formbricks, source of 2026-08-22 | core and surveys; built once, not by this command | {} |".format(
    " | ".join(f"{size:,}" for size in (1_001_396, 281_499, 232_142))
)


def count_own_files(folder: Path) -> Iterator[ProductFiles]:
    with product.running(folder / "bytes") as running_product:
        url = f"http://127.0.0.1:{running_product.server.port}"
        file = fetch_file(url, running_product.key, "identity")
    yield ProductFiles("**Tilfreds**", "the one file of a site: chat and article, English", [file])
    later_files = [path.read_bytes() for path in sorted([*STATIC.glob("dist/en-*.js"), *STATIC.glob("dist/page-*.js")])]
    contents = [file, *later_files]
    yield ProductFiles("**Tilfreds**, with all later parts", "the same, and what comes after a press", contents)


def fetch_package(package: str, folder: Path) -> tarfile.TarFile:
    """Fetch a published package from npm."""
    command = ["npm", "pack", package, "--json", "--silent", "--pack-destination", str(folder)]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return tarfile.open(folder / packages[0]["filename"])


def count_packages(folder: Path) -> Iterator[ProductFiles]:
    for name, package, files, other_resources in PACKAGES:
        with fetch_package(package, folder) as tar:
            contents = [_read_member(tar, file) for file in files]
        file_names = " + ".join(Path(file).name for file in files)
        description = f"{file_names}{', ' if other_resources else ''}{other_resources}"
        yield ProductFiles(f"{name} ({package.rpartition('@')[2]})", description, contents)


def _read_member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(f"package/{name}")
    assert file is not None, f"{name} is no file"
    return io.BytesIO(file.read()).getvalue()


def count_sentry(folder: Path, version: str = "11.12.0") -> ProductFiles:
    """Count the output of a bundler, because Sentry's package is meant to be bundled."""
    (folder / "page.js").write_text(SENTRY)
    (folder / "package.json").write_text("{}")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"@sentry/browser@{version}"]
    subprocess.run(install, check=True, cwd=folder)
    esbuild = STATIC / "node_modules" / ".bin" / "esbuild"
    bundle = [str(esbuild), "page.js", "--bundle", "--minify", "--format=iife", "--log-level=error"]
    output = subprocess.run(bundle, check=True, cwd=folder, capture_output=True).stdout
    description = "browser SDK with feedback, bundled; a message, no scale"
    return ProductFiles(f"Sentry feedback ({version})", description, [output])


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tilfreds-bytes-") as name:
        folder = Path(name)
        rows = [*count_own_files(folder), *count_packages(folder), count_sentry(folder)]
    lines = [
        f"{clock.now():%Y-%m-%d}, `make bytes`: the files that a page loads for one smiley question, each compressed",
        "separately. Packages are as npm has them; responses of their servers are listed and not counted.",
        "",
        "| Product | What is counted | Raw | gzip 9 | brotli 11 |",
        "|---|---|---:|---:|---:|",
        *(row.to_line() for row in rows),
        FORMBRICKS,
    ]
    table.write_section(HEADING, "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
