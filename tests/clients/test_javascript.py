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
        "README.md", "errors.js", "index.d.ts", "index.js", "operator.js", "package.json", "signing.js", "transport.js",
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
    for name in ("Tilfreds", "Operator"):
        script = (
            f"import {{ {name} }} from './index.js';"
            f"console.log(JSON.stringify(Object.getOwnPropertyNames({name}.prototype).sort()))"
        )
        methods = json.loads(node("--input-type=module", "-e", script, folder=CLIENT))
        types = (CLIENT / "index.d.ts").read_text().split(f"export class {name} {{")[1].split("\n}\n")[0]
        lines = [line for line in types.splitlines() if line[:2] == "  " and line[2] not in " /*})"]
        names = [line.strip().split("(")[0] for line in lines]
        assert sorted(one for one in names if one.isidentifier()) == methods, name


def test_an_operator_manages_people_and_keys(home: Path, product: Product, site: MadeSite) -> None:
    (home / "operator.mjs").write_text(OPERATOR_SCRIPT)
    arguments = [product.url, product.make.operator().key, site.key]
    assert json.loads(node("operator.mjs", *arguments, folder=home)) == {
        "roles": ["admin"],
        "members": 1,
        "scopes": ["audit"],
        "audited": True,
        "sessions": 0,
        "left": 0,
    }


OPERATOR_SCRIPT = """
import { Operator, Tilfreds } from "tilfreds";
const [baseUrl, operatorToken, site] = process.argv.slice(2);
const operator = new Operator({ baseUrl, operatorToken });
const user = await operator.inviteUser({ email: "js@shop.example", role: "analyst", site });
const team = await operator.createTeam("JavaScript");
await operator.setTeamRole(team.id, "admin", { site });
const { members, roles } = await operator.addMember(team.id, user.id);
const key = await operator.createApiKey(site, "audit", { scopes: ["audit"] });
const rotated = await operator.rotateApiKey(site, key.id, { overlapHours: 0 });
const entries = [];
for await (const entry of new Tilfreds({ baseUrl, apiKey: rotated.api_key }).audit({ limit: 1 })) entries.push(entry);
let isAudited = false;
for await (const entry of operator.audit()) isAudited ||= entry.target === "team JavaScript";
await operator.setRole(user.id, null, { site });
await operator.changeUser(user.id, { may_create_sites: true });
await operator.endSessions(user.id);
const sessions = await operator.sessions(user.id);
await operator.removeMember(team.id, user.id);
await operator.removeTeam(team.id);
const scopes = (await operator.apiKeys(site)).find((one) => one.id === rotated.id).scopes;
await operator.revokeApiKey(site, rotated.id);
console.log(JSON.stringify({
  roles: roles.map((one) => one.role), members: members.length, scopes,
  audited: isAudited && entries.length > 2, sessions: sessions.length,
  left: (await operator.teams()).length,
}));
"""
