"""The JavaScript client: packed as it would be published, put before a real server, its types held by tsc."""

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
    """A folder in which the packed package is installed, and nothing else."""
    return install(tmp_path_factory.mktemp("javascript"))


def install(folder: Path) -> Path:
    npm = shutil.which("npm") or skip_missing("The JavaScript client is packed by npm: `apt-get install npm`.")
    command = [npm, "pack", str(CLIENT), "--json", "--silent", "--pack-destination", str(folder)]
    (told,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout)
    assert {file["path"] for file in told["files"]} == {
        "README.md", "errors.js", "index.d.ts", "index.js", "package.json", "signing.js",
    }  # fmt: skip
    package = folder / "node_modules" / "tilfreds"
    package.mkdir(parents=True)
    unpack = ["tar", "-xzf", str(folder / told["filename"]), "-C", str(package), "--strip-components=1"]
    subprocess.run(unpack, check=True)
    return folder


def test_the_whole_way(home: Path, product: Product, site: MadeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"TILFREDS": product.url, "SITE_KEY": site.key, "SIGNING_SECRET": site.signing_secret}
    for name, value in {
        **told,
        "API_KEY": site.api_key,
        "DOCS": str(ROOT / "docs" / "reference"),
        "ORIGIN": ORIGIN,
    }.items():
        monkeypatch.setenv(name, value)
    shutil.copy(HERE / "whole_way.test.mjs", home)
    node("--test", "whole_way.test.mjs", folder=home)


def test_the_types_say_what_is_taken(home: Path) -> None:
    shutil.copy(HERE / "typed.ts", home)
    compiler = str(built() / "typescript" / "bin" / "tsc")
    options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--lib", "es2023,dom"]
    node(compiler, *options, "--types", "", "typed.ts", folder=home)


def test_every_method_has_its_type() -> None:
    """In both directions: what is typed is there, and what is there is typed."""
    script = (
        "import { Tilfreds } from './index.js';"
        "console.log(JSON.stringify(Object.getOwnPropertyNames(Tilfreds.prototype).sort()))"
    )
    methods = json.loads(node("--input-type=module", "-e", script, folder=CLIENT))
    types = (CLIENT / "index.d.ts").read_text().split("export class Tilfreds {")[1]
    typed = [line.strip().split("(")[0] for line in types.splitlines() if line[:2] == "  " and line[2] not in " /*})"]
    typed = [name for name in typed if name.isidentifier()]
    assert sorted(typed) == methods
