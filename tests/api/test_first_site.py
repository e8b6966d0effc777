"""Tests that the script in docs/start/first-site.md works, and prints what the page shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from flask import Flask

from tests.factories import MadeSite, Make
from tests.serving import listening

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "start" / "first-site.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8000"


def test_the_tutorials_script_ends_a_chat_and_writes_its_page(
    app: Flask, site: MadeSite, make: Make, tmp_path: Path
) -> None:
    ((name, script),) = re.findall(r"^```python (\S+)\n(.*?)^```$", PAGE, re.M | re.S)
    make.survey(site)
    page = tmp_path / "first-site" / "pages" / "chat.html"
    page.parent.mkdir(parents=True)
    with listening(app) as url:
        (tmp_path / name).write_text(script.replace(ADDRESS, url))
        values = {"API_KEY": site.api_key, "SIGNING_SECRET": site.signing_secret, "SITE_KEY": site.key}
        environ = {"PYTHONPATH": str(ROOT / "clients" / "python"), **values}
        finished = subprocess.run(
            [sys.executable, name], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
        )

    assert finished.returncode == 0, finished.stderr
    assert "'asked': True" in finished.stdout and "`'asked': True`" in PAGE
    (segment,) = make.back_end(site).get("/conversations/chat-1").get_json()["segments"]
    assert [message["text"] for message in segment["messages"]] == ["Where is my parcel?", "It comes tomorrow."]
    assert f"{url}/w/{site.key}.js" in page.read_text() and '"visitor": "ann"' in page.read_text()
