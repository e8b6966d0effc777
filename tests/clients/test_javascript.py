"""Tests of the JavaScript client: packed as for publication, against a real server, with its types checked by tsc."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.factories import ORIGIN, MadeSite
from tests.js.test_node import built, node
from tests.serving import Product
from tests.skip import skip_missing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLIENT = ROOT / "clients" / "javascript"
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with only the packed package installed."""
    return install(tmp_path_factory.mktemp("javascript"))


def install(folder: Path) -> Path:
    npm = shutil.which("npm") or skip_missing("The JavaScript client is packed by npm: `apt-get install npm`.")
    command = [npm, "pack", str(CLIENT), "--json", "--silent", "--pack-destination", str(folder)]
    (archive,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout)
    assert {file["path"] for file in archive["files"]} == {
        "README.md", "errors.js", "index.d.ts", "index.js", "package.json", "signing.js",
    }  # fmt: skip
    package = folder / "node_modules" / "tilfreds"
    package.mkdir(parents=True)
    unpack = ["tar", "-xzf", str(folder / archive["filename"]), "-C", str(package), "--strip-components=1"]
    subprocess.run(unpack, check=True)
    return folder


def test_the_client_against_a_server(
    home: Path, product: Product, site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {
        "TILFREDS": product.url,
        "SITE_KEY": site.key,
        "SIGNING_SECRET": site.signing_secret,
        "API_KEY": site.api_key,
        "DOCS": str(ROOT / "docs" / "reference"),
        "ORIGIN": ORIGIN,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    shutil.copy(HERE / "whole_way.test.mjs", home)
    node("--test", "whole_way.test.mjs", folder=home)


def test_the_types_accept_and_reject_calls(home: Path) -> None:
    shutil.copy(HERE / "typed.ts", home)
    compiler = str(built() / "typescript" / "bin" / "tsc")
    options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--lib", "es2023,dom"]
    node(compiler, *options, "--types", "", "typed.ts", folder=home)


def test_every_method_has_its_type() -> None:
    """Compare in both directions: every type has a method, and every method a type."""
    script = (
        "import { Tilfreds } from './index.js';"
        "console.log(JSON.stringify(Object.getOwnPropertyNames(Tilfreds.prototype).sort()))"
    )
    methods = json.loads(node("--input-type=module", "-e", script, folder=CLIENT))
    types = (CLIENT / "index.d.ts").read_text().split("export class Tilfreds {")[1]
    names = [line.strip().split("(")[0] for line in types.splitlines() if line[:2] == "  " and line[2] not in " /*})"]
    assert sorted(name for name in names if name.isidentifier()) == methods
