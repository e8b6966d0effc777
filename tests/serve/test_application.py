"""The parts of the application that only a served one has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from werkzeug.test import Client

from tests.conftest import SECRET_KEY
from widget_server.api.health import views as health
from widget_server.core.config import Config
from widget_server.jobs import loop, sender
from widget_server.serve import application


@pytest.mark.parametrize("debug", [True, False])
def test_an_internal_error_is_shown_in_full_only_in_debug_mode(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, template_file: Path, debug: bool
) -> None:
    """Check that details of errors go to the log, and to the response only for developers."""
    config = Config(data_dir=tmp_path)
    shutil.copyfile(template_file, config.sqlite_path)
    for name, value in {"DATA_DIR": str(tmp_path), "SECRET_KEYS": SECRET_KEY.decode(), "DEBUG": str(debug)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(health, "answer", lambda status: 1 / 0)
    monkeypatch.setattr(loop, "start_thread", lambda app, jobs: None)
    monkeypatch.setattr(sender, "start_thread", lambda app, stop: None)
    monkeypatch.setattr(application.logs, "set_up", lambda config: None)  # type: ignore[attr-defined]
    answer = Client(application.make_application()).get("/health/live", headers={"Host": "localhost"})
    assert answer.status_code == 500
    assert ("ZeroDivisionError" in answer.get_data(as_text=True)) == debug
