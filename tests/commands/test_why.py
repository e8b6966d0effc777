"""`tilfreds why`: the cause of each decision that is stored with a conversation."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from tests.back_end import Api, done
from tests.conftest import SECRET_KEY
from tests.factories import MadeSite, Make
from widget_server.cli import main
from widget_server.core.config import Config


def why(config: Config, site: MadeSite, conversation: str) -> Result:
    env = {
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url,
        "SECRET_KEYS": SECRET_KEY.decode(),
        "PUBLIC_URL": config.base_url,
    }
    return CliRunner(env=env).invoke(main, ["why", site.key, conversation], catch_exceptions=False)


def test_the_cause_and_the_fix_of_each_decision(
    config: Config, site: MadeSite, api: Api, make: Make, subtests: pytest.Subtests
) -> None:
    make.survey(site)
    make.agent(site, "sam")
    for conversation in ("open", "bot", "asked"):
        make.conversation(site, conversation)
    texts: dict[str, list[tuple[str, str | None]]] = {
        "bot": [("visitor", None), ("bot", None)],
        "asked": [("visitor", None), ("agent", "sam")],
    }
    for conversation, authors in texts.items():
        for number, (author, agent) in enumerate(authors):
            message = {"external_id": f"m{number}", "author": author, "text": "Hello"}
            done(api.post(f"/conversations/{conversation}/messages", message | ({"agent": agent} if agent else {})))
        done(api.post(f"/conversations/{conversation}/end", {}))
    for conversation, sentence, fix in (
        ("open", "The conversation is open, so nothing was decided yet.", "Report its end"),
        ("bot", "Not asked: no person answered, only a bot or nothing.", "Send the messages of agents"),
        ("asked", "The visitor was to be asked, but no page showed the survey.", "The page was closed first"),
    ):
        with subtests.test(conversation=conversation):
            result = why(config, site, conversation)
            assert result.exit_code == 0, result.output
            [first_line, second_line] = result.stdout.splitlines()
            assert first_line.endswith(f" UTC  {sentence}") and second_line.startswith(fix)
    result = why(config, site, "unknown")
    assert result.exit_code == 2 and "Conversation not found" in result.stderr
