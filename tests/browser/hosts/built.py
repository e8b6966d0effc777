"""Sites that other people's programs build, served as they are with the address of a site's file in its place."""

from __future__ import annotations

import mimetypes
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.browser.pages import Pages
from tests.guides import ADDRESS, snippet
from tests.skip import skip_missing

PROGRAMS = Path(sys.prefix) / "hosts" / "bin"
SITE = "https://docs.example/"
MKDOCS = """
site_name: Chains
site_url: {site}
theme: {{name: material, font: false, features: [{features}]}}
{guide}
"""
SPHINX = """
project = "Chains"
html_theme = "{theme}"
html_theme_options = {options}
{guide}
"""
#: Without it this theme would ask others for pictures.
OPTIONS = {"alabaster": {"github_button": False}}
PARAGRAPHS = "\n\n".join(f"A chain that is worn slips under load, part {number}." for number in range(60))


def run(program: str, *arguments: str, folder: Path) -> None:
    """Build; what the program says is the test's word when it fails."""
    path = PROGRAMS / program
    if not path.exists():
        skip_missing(f"{program} is not there: `make {PROGRAMS.parent.parent.name}/.hosts-installed`.")
    result = subprocess.run(
        [path, *arguments],
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def mkdocs(folder: Path, features: Sequence[str]) -> Path:
    """Material for MkDocs with two long pages that lead to each other."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    (docs / "index.md").write_text(f"# Chains\n\n{PARAGRAPHS}\n\n[The other page](tyres.md)\n")
    (docs / "tyres.md").write_text(f"# Tyres\n\n{PARAGRAPHS}\n\n[The other page](index.md)\n")
    settings = MKDOCS.format(site=SITE, features=", ".join(features), guide=snippet("MkDocs Material"))
    (folder / "mkdocs.yml").write_text(settings)
    run("mkdocs", "build", "--quiet", folder=folder)
    return folder / "site"


def sphinx(folder: Path, theme: str) -> Path:
    """Sphinx with the same two pages."""
    folder.mkdir(parents=True)
    settings = SPHINX.format(theme=theme, options=OPTIONS.get(theme, {}), guide=snippet("Sphinx"))
    (folder / "conf.py").write_text(settings)
    (folder / "index.rst").write_text(
        f"Chains\n======\n\n{PARAGRAPHS}\n\n:doc:`The other page <tyres>`\n\n.. toctree::\n\n   tyres\n"
    )
    (folder / "tyres.rst").write_text(f"Tyres\n=====\n\n{PARAGRAPHS}\n\n:doc:`The other page <index>`\n")
    run("sphinx-build", "-q", ".", "built", folder=folder)
    return folder / "built"


def serve(folder: Path, address: str) -> Pages:
    """Serve the built pages with the address of a site's file in place of the guide's."""
    pages = Pages()
    for path in (one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes().replace(ADDRESS.encode(), address.encode())
        content = content.replace(SITE.encode(), f"{pages.url}/".encode())
        name = "/" + path.relative_to(folder).as_posix()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        for address_path in {name, name.removesuffix("index.html")}:
            pages.pages[address_path] = (content, {"Content-Type": kind})
    return pages
