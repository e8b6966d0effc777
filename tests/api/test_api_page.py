"""Pages of docs as a reader would follow them: every command is run in turn, every answer compared, programs sign."""

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
#: Where Debian keeps what runs the examples.
PACKAGES = {"python3": "python3", "node": "nodejs", "php": "php-cli"}
#: How each program reads the vectors from its input and prints one signature on a line.
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
    """(language, file name, text) of each block of the page, in order."""
    return [(kind, name, text) for kind, name, text in BLOCK.findall((DOCS / page).read_text("utf-8"))]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application on a port of its own, for programs outside."""
    with listening(app) as url:
        yield url


@pytest.mark.parametrize(("name", "least"), [("api.md", 12), ("../guides/direct-invitations.md", 3)])
def test_every_command_of_the_page_answers_as_the_page_says(
    address: str, make: Make, tmp_path: Path, name: str, least: int
) -> None:
    if shutil.which("curl") is None:
        skip_missing("curl is not installed: `apt-get install curl` on Debian.")
    page = blocks(name)
    for _, file, text in page:
        if file:
            (tmp_path / file).write_text(text)
    commands = [text for kind, _, text in page if kind == "sh"]
    marks = [f"{text}\nprintf '\\n\\036'\n" for text in commands]
    done = subprocess.run(
        ["bash", "-eu", "-c", "".join(marks)],
        cwd=tmp_path,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TILFREDS": address, "OPERATOR": make.operator().key},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    outputs = done.stdout.split("\036")[:-1]
    assert len(outputs) == len(commands)

    compared = 0
    told = iter(outputs)
    output = ""
    for kind, file, text in page:
        if kind == "sh":
            output = next(told)
        elif kind in ("json", "text") and not file:
            compare(text, output, kind)
            compared += 1
    assert compared >= least


def compare(written: str, given: str, kind: str) -> None:
    """The page shows a part of an answer; what it shows must be there. `…` stands for what differs each time."""
    if kind == "text":
        pattern = ".*".join(re.escape(piece) for piece in written.strip().split("…"))
        assert re.fullmatch(pattern, given.strip()), given
        return
    expected, answers = list(documents(written)), list(documents(given))
    assert len(expected) == len(answers), given
    for one, answer in zip(expected, answers, strict=True):
        assert_holds(answer, one, given)


def documents(text: str) -> Iterator[Any]:
    """JSON values that follow one another."""
    decoder, place = json.JSONDecoder(), 0
    while match := re.compile(r"\S").search(text, place):
        value, place = decoder.raw_decode(text, match.start())
        yield value


def assert_holds(answer: Any, expected: Any, whole: str) -> None:
    if isinstance(expected, dict):
        for name, value in expected.items():
            assert isinstance(answer, dict) and name in answer, (name, whole)
            assert_holds(answer[name], value, whole)
    elif isinstance(expected, list):
        assert isinstance(answer, list) and len(answer) == len(expected), (expected, whole)
        for one, value in zip(answer, expected, strict=True):
            assert_holds(one, value, whole)
    elif isinstance(expected, str) and "…" in expected:
        assert re.fullmatch(".+".join(re.escape(piece) for piece in expected.split("…")), answer), (expected, answer)
    else:
        assert answer == expected, (expected, answer, whole)


@pytest.mark.parametrize("name", READERS)
def test_every_program_signs_as_the_vectors_say(name: str, tmp_path: Path) -> None:
    program, reader = READERS[name]
    if shutil.which(program) is None:
        skip_missing(
            f"{program} is not installed, so its example was not tried: `apt-get install {PACKAGES[program]}`."
        )
    (source,) = [text for _, file, text in blocks() if file == name]
    (tmp_path / name).write_text(source + reader)

    done = subprocess.run(
        [program, name], cwd=tmp_path, input=json.dumps(VECTORS), capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [vector["signature"] for vector in VECTORS]


def test_the_server_signs_as_the_vectors_say(subtests: pytest.Subtests) -> None:
    assert VECTORS
    for vector in VECTORS:
        with subtests.test(name=vector["name"]):
            _, key_id, key = vector["secret"].split("_", 2)
            names = ("kind", "subject", "visitor", "role", "expires")

            fields = signature_fields(vector["site_key"], *(vector[name] for name in names))

            assert tokens.length_prefixed(fields).hex() == vector["signed_hex"]
            assert tokens.sign_fields(tokens.unb64(key), key_id, fields) == vector["signature"]


def test_no_two_vectors_sign_the_same_bytes() -> None:
    signed = [(vector["secret"], vector["signed_hex"]) for vector in VECTORS]

    assert len(set(signed)) == len(VECTORS) == len({vector["signature"] for vector in VECTORS})


def test_the_page_names_every_code_of_the_api_that_it_lists_as_it_is_sent(api: Api, site: MadeSite) -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.+?) \|", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)
    told = {int(status): set(re.findall(r"`(\w+)`", codes)) for status, codes in rows}

    for answer in (
        api.patch("/site", data=b"{", content_type="application/json"),
        api.client.get("/api/v1/site"),
        api.get("/votes/01890000-0000-7000-8000-000000000000"),
        api.patch("/site", data=b"{}", content_type="text/plain"),
        api.patch("/site", {"name": 1}),
    ):
        assert answer.get_json()["code"] in told[answer.status_code]
