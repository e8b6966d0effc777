"""Tests that follow pages of the docs: run every command, compare every response, and sign with every program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.back_end import Api
from tests.factories import MadeSite, Make
from tests.serving import listening
from tests.skip import skip_missing
from widget_server.core import tokens
from widget_server.sites.signatures import signature_fields

DOCS = Path(__file__).parents[2] / "docs" / "reference"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VECTORS = json.loads((DOCS / "signing-vectors.json").read_text("utf-8"))
#: Debian's packages of the programs that run the examples.
PACKAGES = {"python3": "python3", "node": "nodejs", "php": "php-cli"}
#: Code that reads the vectors from standard input and prints one signature per line.
READERS = {
    "sign.py": (
        "python3",
        "import json, sys\nfor v in json.load(sys.stdin):\n"
        "    print(sign(v['secret'], v['site_key'], v['visitor'], v['expires'], v['kind'], v['subject'], v['role']))\n",
    ),
    "sign.mjs": (
        "node",
        'import { readFileSync } from "node:fs";\n'
        'for (const v of JSON.parse(readFileSync(0, "utf8"))) console.log(sign({ ...v, siteKey: v.site_key }));\n',
    ),
    "sign.php": (
        "php",
        "foreach (json_decode(file_get_contents('php://stdin'), true) as $v) {\n"
        "    $who = [$v['visitor'], $v['expires'], $v['kind'], $v['subject'], $v['role']];\n"
        "    echo sign($v['secret'], $v['site_key'], ...$who);\n"
        '    echo "\\n";\n}\n',
    ),
}


def blocks(page: str = "api.md") -> list[tuple[str, str, str]]:
    """Return (language, file name, text) of each code block of the page, in order."""
    return [(kind, name, text) for kind, name, text in BLOCK.findall((DOCS / page).read_text("utf-8"))]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the application on a free port, for external programs."""
    with listening(app) as url:
        yield url


@pytest.mark.parametrize(("name", "min_compared"), [("api.md", 12), ("../guides/direct-invitations.md", 3)])
def test_every_command_of_the_page_prints_what_the_page_shows(
    address: str, make: Make, tmp_path: Path, name: str, min_compared: int
) -> None:
    if shutil.which("curl") is None:
        skip_missing("curl is not installed: `apt-get install curl` on Debian.")
    page = blocks(name)
    for _, file, text in page:
        if file:
            (tmp_path / file).write_text(text)
    commands = [text for kind, _, text in page if kind == "sh"]
    marks = [f"{text}\nprintf '\\n\\036'\n" for text in commands]
    process = subprocess.run(
        ["bash", "-eu", "-c", "".join(marks)],
        cwd=tmp_path,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TILFREDS": address, "OPERATOR": make.operator().key},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr + process.stdout
    outputs = process.stdout.split("\036")[:-1]
    assert len(outputs) == len(commands)

    compared_count = 0
    remaining_outputs = iter(outputs)
    output = ""
    for kind, file, text in page:
        if kind == "sh":
            output = next(remaining_outputs)
        elif kind in ("json", "text") and not file:
            compare(text, output, kind)
            compared_count += 1
    assert compared_count >= min_compared


def compare(page_text: str, output: str, kind: str) -> None:
    """Check that an output contains what the page shows of it. `…` matches what differs each time."""
    if kind == "text":
        pattern = ".*".join(re.escape(piece) for piece in page_text.strip().split("…"))
        assert re.fullmatch(pattern, output.strip()), output
        return
    expected_values, values = list(parse_documents(page_text)), list(parse_documents(output))
    assert len(expected_values) == len(values), output
    for expected, value in zip(expected_values, values, strict=True):
        assert_contains(value, expected, output)


def parse_documents(text: str) -> Iterator[Any]:
    """Yield JSON values that follow one another."""
    decoder, position = json.JSONDecoder(), 0
    while match := re.compile(r"\S").search(text, position):
        value, position = decoder.raw_decode(text, match.start())
        yield value


def assert_contains(value: Any, expected: Any, output: str) -> None:
    if isinstance(expected, dict):
        for name, expected_field in expected.items():
            assert isinstance(value, dict) and name in value, (name, output)
            assert_contains(value[name], expected_field, output)
    elif isinstance(expected, list):
        assert isinstance(value, list) and len(value) == len(expected), (expected, output)
        for entry, expected_entry in zip(value, expected, strict=True):
            assert_contains(entry, expected_entry, output)
    elif isinstance(expected, str) and "…" in expected:
        assert re.fullmatch(".+".join(re.escape(piece) for piece in expected.split("…")), value), (expected, value)
    else:
        assert value == expected, (expected, value, output)


@pytest.mark.parametrize("name", READERS)
def test_every_program_signs_like_the_vectors(name: str, tmp_path: Path) -> None:
    program, reader = READERS[name]
    if shutil.which(program) is None:
        skip_missing(
            f"{program} is not installed, so its example was not tried: `apt-get install {PACKAGES[program]}`."
        )
    (source,) = [text for _, file, text in blocks() if file == name]
    (tmp_path / name).write_text(source + reader)

    process = subprocess.run(
        [program, name], cwd=tmp_path, input=json.dumps(VECTORS), capture_output=True, text=True, timeout=60
    )

    assert process.returncode == 0, process.stderr
    assert process.stdout.split() == [vector["signature"] for vector in VECTORS]


def test_the_server_signs_like_the_vectors(subtests: pytest.Subtests) -> None:
    assert VECTORS
    for vector in VECTORS:
        with subtests.test(name=vector["name"]):
            _, key_id, key = vector["secret"].split("_", 2)
            names = ("kind", "subject", "visitor", "role", "expires")

            fields = signature_fields(vector["site_key"], *(vector[name] for name in names))

            assert tokens.length_prefixed(fields).hex() == vector["signed_hex"]
            assert tokens.sign_fields(tokens.unb64(key), key_id, fields) == vector["signature"]


def test_no_two_vectors_sign_the_same_bytes() -> None:
    inputs = [(vector["secret"], vector["signed_hex"]) for vector in VECTORS]

    assert len(set(inputs)) == len(VECTORS) == len({vector["signature"] for vector in VECTORS})


def test_the_page_lists_the_codes_of_real_errors(api: Api, site: MadeSite) -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.+?) \|", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)
    documented_codes = {int(status): set(re.findall(r"`(\w+)`", codes)) for status, codes in rows}

    for answer in (
        api.patch("/site", data=b"{", content_type="application/json"),
        api.client.get("/api/v1/site"),
        api.get("/votes/01890000-0000-7000-8000-000000000000"),
        api.patch("/site", data=b"{}", content_type="text/plain"),
        api.patch("/site", {"name": 1}),
    ):
        assert answer.get_json()["code"] in documented_codes[answer.status_code]
