"""Sites that programs of other projects build, served with the address of a site's script in place of the guide's."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.pages import Pages
from tests.guides import ADDRESS
from tests.skip import skip_missing

PROGRAMS = Path(sys.prefix) / "hosts" / "bin"
#: Packages from npm; a site is built below this folder, because Node looks for packages in the folders above a file.
GENERATORS = Path(__file__).parents[2] / "hosts" / "generators"
SITE = "https://docs.example/"
#: Messages about other products, and reports to the vendors of the programs, are off.
QUIET = {
    "NO_MKDOCS_2_WARNING": "1",
    "ASTRO_TELEMETRY_DISABLED": "1",
    "NEXT_TELEMETRY_DISABLED": "1",
    "DOCUSAURUS_NO_UPDATE_CHECK": "1",
}


@dataclass(frozen=True)
class Source:
    """What a program builds a site from: its files by path, the command, and the folder with the result.

    `copies` are files of an npm package by their path in the site.
    """

    files: Mapping[str, str]
    command: tuple[str, ...]
    output: str = "."
    is_npm: bool = False
    copies: Mapping[str, Path] = field(default_factory=dict)

    def digest(self) -> str:
        lock = (GENERATORS / "package-lock.json").read_bytes() if self.is_npm else b""
        return hashlib.sha256(repr(self).encode() + lock).hexdigest()[:16]


def run(folder: Path, program: str, *arguments: str) -> None:
    """Run a program in a folder; its output is the message of a failure."""
    path = PROGRAMS / program
    if not path.exists():
        skip_missing(f"{program} is not there: `make {PROGRAMS.parent.parent.name}/.hosts-installed`.")
    path_variable = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        [path, *arguments],
        cwd=folder,
        env={**os.environ, **QUIET, "PATH": path_variable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def build(name: str, source: Source, folder: Path) -> Path:
    """Build a site in a folder, and return the folder with its pages.

    Generators from npm need up to a minute, so their result is kept until something that it was built from changes.
    """
    if source.is_npm:
        if not (GENERATORS / "node_modules").is_dir():
            skip_missing("Generators from npm are not there: `make tests/hosts/generators/node_modules`.")
        folder = GENERATORS / "build" / f"{name}-{source.digest()}"
        if (folder / ".built").exists():
            return folder / source.output
        for earlier in folder.parent.glob(f"{name}-*"):
            shutil.rmtree(earlier)
    for path, text in source.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for path, original in source.copies.items():
        shutil.copy(original, folder / path)
    if source.command:
        run(folder, *source.command)
    (folder / ".built").touch()
    return folder / source.output


def serve(folder: Path, address: str) -> Pages:
    """Serve the built pages with the address of a site's file in place of the guide's."""
    pages = Pages()
    for path in (one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes().replace(ADDRESS.encode(), address.encode())
        content = content.replace(SITE.encode(), f"{pages.url}/".encode())
        name = "/" + path.relative_to(folder).as_posix()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        for address_path in {name, name.removesuffix("index.html"), name.removesuffix("/index.html")}:
            pages.pages[address_path] = (content, {"Content-Type": kind})
    return pages
