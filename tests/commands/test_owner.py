"""Sites, keys, surveys, erasure and exports from the command line; beside a running server they print the API call."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.conftest import SECRET_KEY
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.surveys.sample_questions import SAMPLE_QUESTIONS
from tests.widget.conftest import Page, press_id
from widget_server.cli import main
from widget_server.core import tokens
from widget_server.core.config import Config
from widget_server.storage import file_lock

Run = Callable[..., Result]


@pytest.fixture
def run(config: Config) -> Run:
    """Return a function that runs `tilfreds` with the settings of the test."""
    env = {
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url,
        "SECRET_KEYS": SECRET_KEY.decode(),
        "PUBLIC_URL": config.base_url,
    }

    def call(*words: str, status: int = 0) -> Result:
        result = CliRunner(env=env).invoke(main, list(words), catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result

    return call


def split_output(result: Result) -> list[str]:
    return result.stdout.split()


def test_a_site_is_created_shown_and_removed(run: Run, client: Any) -> None:
    output = run("site", "create", "Shop", "--origin", "https://shop.example").stdout
    assert "<tilfreds-rating></tilfreds-rating>" in output and "docs/guides/placement.md" in output
    key = re.findall(r"/w/(\w+)\.js", output)[0]
    api = Api(client, re.findall(r"tfk_\S+", output)[0])

    settings = json.loads(run("site", "show", key).stdout)
    assert (settings["name"], settings["allowed_origins"]) == ("Shop", ["https://shop.example"])
    assert settings["signing_secrets"] == {"k1": None}
    assert len(api.get("/surveys").get_json()["surveys"]) == 2

    run("site", "remove", key, "--yes")
    assert api.get("/site").status_code == 404
    assert "(removed)" in run("site", "list").stdout
    assert "tilfreds site list" in run("site", "show", key, status=2).stderr
    run("site", "restore", key)
    assert api.get("/site").status_code == 200
    run("site", "restore", key, status=2)


def test_the_placement_is_set_and_rejected_with_the_errors_of_the_api(run: Run, site: MadeSite, api: Api) -> None:
    run("site", "place", site.key, '{"layout": "furo", "launcher": {"where": "beside"}}')

    expected = {"layout": "furo", "launcher": {"side": "end", "where": "beside", "clearance": 96}}
    assert api.get("/site").get_json()["placement"] == expected
    assert "furo, ghost" in run("site", "place", site.key, '{"layout": "word"}', status=2).stderr
    assert "not JSON" in run("site", "place", site.key, "furo", status=2).stderr
    assert api.get("/site").get_json()["placement"] == expected


def test_signing_secrets_are_added_and_retired(run: Run, site: MadeSite) -> None:
    assert run("site", "secret", site.key).stdout.startswith("tfs_k2_")

    run("site", "secret", site.key, "--retire", "k1")

    secrets = json.loads(run("site", "show", site.key).stdout)["signing_secrets"]
    assert secrets["k1"] is not None and secrets["k2"] is None
    assert run("site", "secret", site.key, "--retire", "k2", status=2).stderr


def test_keys_are_created_listed_and_revoked(run: Run, site: MadeSite, client: Any) -> None:
    text = run("key", "create", site.key, "--name", "reports", "--scope", "read").stdout.strip()
    assert Api(client, text).get("/site").status_code == 200

    (line,) = [line for line in run("key", "list", site.key).stdout.splitlines() if "reports" in line]
    run("key", "revoke", site.key, line.split()[0])

    assert Api(client, text).get("/site").status_code == 401
    assert text not in run("key", "list", site.key).stdout


def test_adapters_are_set_replaced_and_removed(run: Run, site: MadeSite, api: Api) -> None:
    def get_adapters() -> Any:
        return api.get("/site").get_json()["adapters"]

    run("site", "adapters", site.key, "crisp", 'rocketchat={"field": "tilfreds"}')
    assert get_adapters() == {"crisp": {}, "rocketchat": {"field": "tilfreds"}}

    run("site", "adapters", site.key, "hubspot")
    assert get_adapters() == {"hubspot": {}}

    for wrong, place in (("crips", "crips: "), ('crisp={"fields": "x"}', "crisp/fields: "), ("crisp={", "OPTIONS: ")):
        assert run("site", "adapters", site.key, wrong, status=2).stderr.startswith(place)
    assert "--none" in run("site", "adapters", site.key, status=2).stderr
    assert get_adapters() == {"hubspot": {}}

    run("site", "adapters", site.key, "--none")
    assert get_adapters() == {}


def test_pages_that_may_frame_ratings_are_set_replaced_and_removed(run: Run, site: MadeSite, api: Api) -> None:
    def get_origins() -> Any:
        return api.get("/site").get_json()["agent_origins"]

    output = run("site", "helpdesk", site.key, "HTTPS://Desk.example:443", "https://desk.example:*").stdout
    assert get_origins() == output.split() == ["https://desk.example", "https://desk.example:*"]
    assert run("site", "helpdesk", site.key, "desk.example", status=2).stderr
    assert "--none" in run("site", "helpdesk", site.key, status=2).stderr
    assert get_origins() == ["https://desk.example", "https://desk.example:*"]
    run("site", "helpdesk", site.key, "--none")
    assert get_origins() == []


@ON_BOTH
def test_surveys_are_created_revised_closed_and_opened(run: Run, site: MadeSite, api: Api, tmp_path: Any) -> None:
    words = tmp_path / "words.json"
    words.write_text(json.dumps({"en": {"question": "And now?"}}))

    survey = run("survey", "create", site.key, "Chats", "--look", "thumbs", "--no-comment").stdout.strip()
    run("survey", "revise", site.key, survey, "--look", "words", "--texts", str(words))
    run("survey", "close", site.key, survey)

    survey_details = api.get(f"/surveys/{survey}").get_json()
    assert [revision["look"] for revision in survey_details["revisions"]] == ["thumbs", "words"]
    assert [revision["comment"] for revision in survey_details["revisions"]] == [False, True]
    assert survey_details["revisions"][1]["texts"] == {"en": {"question": "And now?"}}
    assert "(closed)" in run("survey", "list", site.key).stdout
    run("survey", "open", site.key, survey)
    assert api.get(f"/surveys/{survey}").get_json()["closed_at"] is None


def test_a_survey_gets_follow_up_questions(run: Run, site: MadeSite, api: Api, tmp_path: Any) -> None:
    files = {name: tmp_path / f"{name}.json" for name in ("texts", "questions")}
    for name, file in files.items():
        file.write_text(json.dumps(SAMPLE_QUESTIONS[name]))
    options = [part for name, file in files.items() for part in (f"--{name}", str(file))]

    survey = run("survey", "create", site.key, "Articles", "--placement", "article", *options).stdout.strip()

    (revision,) = api.get(f"/surveys/{survey}").get_json()["revisions"]
    assert [question["id"] for question in revision["questions"]] == [
        question["id"] for question in SAMPLE_QUESTIONS["questions"]
    ]
    files["questions"].write_text('[{"id": "why", "kind": "essay"}]')
    result = run("survey", "revise", site.key, survey, *options, status=2)
    assert "reasons" in result.stderr and "Traceback" not in result.stderr
    files["questions"].write_text("{}")
    assert "JSON list" in run("survey", "revise", site.key, survey, *options, status=2).stderr


@pytest.mark.parametrize("words", ["[]", "{", '{"en": {"title": 1}}', '{"en": 1, "en": 2}'])
def test_invalid_texts_are_rejected_with_a_sentence(run: Run, site: MadeSite, tmp_path: Any, words: str) -> None:
    file = tmp_path / "words.json"
    file.write_text(words)

    result = run("survey", "create", site.key, "Chats", "--texts", str(file), status=2)

    assert result.stderr.strip() and "Traceback" not in result.stderr


@pytest.fixture
def rated(api: Api, make: Make, site: MadeSite) -> Page:
    """Create a chat that ann rated with a comment that a spreadsheet would calculate."""
    page = Page(api.client, site.key, str(make.survey(site).revision))
    chat = Chat(api, "c1")
    chat.put(visitor="ann", browser=tokens.digest(page.browser))
    chat.write("visitor")
    chat.write("agent")
    chat.end()
    answer = page.vote(page.end().get_json()["token"], 1, id=press_id(), comment='=HYPERLINK("x","ä"),\nagain')
    assert answer.status_code == 200
    return page


@ON_BOTH
def test_votes_are_exported_as_a_table(run: Run, site: MadeSite, rated: Page) -> None:
    result = run("export", "votes", site.key, "--bom")

    text = result.stdout_bytes.decode("utf-8")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert text.startswith("\ufeffid,") and "\r\n" in text
    assert (row["score"], row["sentiment"], row["subject"], row["visitor"]) == ("1", "negative", "c1", "ann")
    assert row["comment"] == '\'=HYPERLINK("x","ä"),\nagain'
    assert "1 votes" in result.stderr


@ON_BOTH
def test_an_export_can_be_filtered(run: Run, site: MadeSite, rated: Page) -> None:
    def count(*options: str) -> int:
        return len(list(csv.reader(io.StringIO(run("export", "votes", site.key, *options).stdout)))) - 1

    assert (
        count()
        == count("--since", "2020-01-01T00:00:00Z")
        == count("--since", "2020-01-01")
        == count("--channel", "chat")
        == 1
    )
    assert count("--until", "2020-01-01T00:00:00+02:00") == count("--kind", "article") == 0
    assert "offset" in run("export", "votes", site.key, "--since", "2020-01-01T00:00:00", status=2).stderr


@ON_BOTH
def test_a_visitor_is_erased(run: Run, site: MadeSite, api: Api, rated: Page, config: Config) -> None:
    run("erase", site.key, "ann", "--yes")

    assert api.get("/conversations/c1").status_code == 404
    assert api.get("/votes").get_json()["votes"][0]["comment"] is None
    assert str(site.id) in (config.data_dir / "erased").read_text()
    assert "Visitor not found" in run("erase", site.key, "ann", "--yes", status=2).stderr


def test_while_a_server_holds_the_file_the_same_call_is_printed(
    run: Run, site: MadeSite, api: Api, config: Config
) -> None:
    survey = api.post("/surveys", {"name": "Chats", "placement": "chat_end"}).get_json()["id"]
    commands = [
        ("site", "create", "Shop"),
        ("site", "secret", site.key),
        ("key", "create", site.key),
        ("survey", "create", site.key, "More"),
        ("survey", "revise", site.key, survey),
        ("survey", "close", site.key, survey),
        ("survey", "open", site.key, survey),
        ("erase", site.key, "nobody/at all", "--yes"),
        ("site", "remove", site.key, "--yes"),
    ]
    operator = run("operator-token").stdout.strip()
    descriptor = file_lock.acquire(config)
    try:
        refusals = [run(*command, status=2).stderr for command in commands]
        assert split_output(run("site", "list"))[0] == site.key
    finally:
        os.close(descriptor)

    for command, text in zip(commands, refusals, strict=True):
        answer = send_curl_call(api, text.replace("$(tilfreds operator-token)", operator).replace("$API_KEY", api.key))
        assert answer.status_code in ((404,) if command[0] == "erase" else (200, 201, 204)), (command, answer.text)


def send_curl_call(api: Api, text: str) -> Any:
    """Send the call of the curl line in an error, and return the response."""
    words = shlex.split(text[text.index("curl ") :].replace("\\\n", " "))
    headers = dict(header.split(": ", 1) for flag, header in zip(words, words[1:], strict=False) if flag == "-H")
    address = next(word for word in words if word.startswith("http"))
    path = address.removeprefix("http://localhost")
    method, data = (words[words.index(flag) + 1] for flag in ("-X", "-d"))
    return api.client.open(path, method=method, headers=headers, data=data)


def test_credit_and_visibility_are_set(run: Run, site: MadeSite, api: Api) -> None:
    def get_settings() -> list[Any]:
        settings = api.get("/site").get_json()
        return [settings[name] for name in ("credit", "agents_see", "agents_see_after_days")]

    run("site", "credit", site.key, "closer")
    run("site", "visibility", site.key, "team", "--after-days", "7")
    assert get_settings() == ["closer", "team", 7]
    assert "loudest" in run("site", "credit", site.key, "loudest", status=2).stderr
    assert "366" in run("site", "visibility", site.key, "all", "--after-days", "366", status=2).stderr
    run("site", "visibility", site.key, "own")
    assert get_settings() == ["closer", "own", 0]
