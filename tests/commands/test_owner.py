"""Sites, keys, surveys, erasing and exports from the command line; beside a running server they name the API call."""

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
    """`tilfreds` with the settings of the test."""
    env = {
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url,
        "SECRET_KEYS": SECRET_KEY.decode(),
        "PUBLIC_URL": config.base_url,
    }

    def call(*words: str, status: int = 0) -> Result:
        done = CliRunner(env=env).invoke(main, list(words), catch_exceptions=False)
        assert done.exit_code == status, done.output
        return done

    return call


def words_of(done: Result) -> list[str]:
    return done.stdout.split()


def test_a_site_is_made_shown_and_removed(run: Run, client: Any) -> None:
    made = run("site", "create", "Shop", "--origin", "https://shop.example").stdout
    key = re.findall(r"/w/(\w+)\.js", made)[0]
    api = Api(client, re.findall(r"tfk_\S+", made)[0])

    shown = json.loads(run("site", "show", key).stdout)
    assert (shown["name"], shown["allowed_origins"]) == ("Shop", ["https://shop.example"])
    assert shown["signing_secrets"] == {"k1": None}
    assert len(api.get("/surveys").get_json()["surveys"]) == 2

    run("site", "remove", key, "--yes")
    assert api.get("/site").status_code == 404
    assert "(removed)" in run("site", "list").stdout
    assert "tilfreds site list" in run("site", "show", key, status=2).stderr


def test_where_the_faces_stand_is_said_and_refused_in_the_words_of_the_api(run: Run, site: MadeSite, api: Api) -> None:
    run("site", "place", site.key, '{"layout": "furo", "launcher": {"where": "beside"}}')

    wanted = {"layout": "furo", "launcher": {"side": "end", "where": "beside", "clearance": 96}}
    assert api.get("/site").get_json()["placement"] == wanted
    assert "furo, ghost" in run("site", "place", site.key, '{"layout": "word"}', status=2).stderr
    assert "not JSON" in run("site", "place", site.key, "furo", status=2).stderr
    assert api.get("/site").get_json()["placement"] == wanted


def test_signing_secrets_are_added_and_retired(run: Run, site: MadeSite) -> None:
    assert run("site", "secret", site.key).stdout.startswith("tfs_k2_")

    run("site", "secret", site.key, "--retire", "k1")

    secrets = json.loads(run("site", "show", site.key).stdout)["signing_secrets"]
    assert secrets["k1"] is not None and secrets["k2"] is None
    assert run("site", "secret", site.key, "--retire", "k2", status=2).stderr


def test_keys_are_made_listed_and_revoked(run: Run, site: MadeSite, client: Any) -> None:
    text = run("key", "create", site.key, "--name", "reports", "--scope", "read").stdout.strip()
    assert Api(client, text).get("/site").status_code == 200

    (line,) = [line for line in run("key", "list", site.key).stdout.splitlines() if "reports" in line]
    run("key", "revoke", site.key, line.split()[0])

    assert Api(client, text).get("/site").status_code == 401
    assert text not in run("key", "list", site.key).stdout


def test_adapters_are_set_replaced_and_taken_away(run: Run, site: MadeSite, api: Api) -> None:
    def kept() -> Any:
        return api.get("/site").get_json()["adapters"]

    run("site", "adapters", site.key, "crisp", 'rocketchat={"field": "tilfreds"}')
    assert kept() == {"crisp": {}, "rocketchat": {"field": "tilfreds"}}

    run("site", "adapters", site.key, "hubspot")
    assert kept() == {"hubspot": {}}

    for wrong, place in (("crips", "crips: "), ('crisp={"fields": "x"}', "crisp/fields: "), ("crisp={", "OPTIONS: ")):
        assert run("site", "adapters", site.key, wrong, status=2).stderr.startswith(place)
    assert "--none" in run("site", "adapters", site.key, status=2).stderr
    assert kept() == {"hubspot": {}}

    run("site", "adapters", site.key, "--none")
    assert kept() == {}


def test_pages_that_may_frame_ratings_are_set_replaced_and_taken_away(run: Run, site: MadeSite, api: Api) -> None:
    def kept() -> Any:
        return api.get("/site").get_json()["agent_origins"]

    told = run("site", "helpdesk", site.key, "HTTPS://Desk.example:443", "https://desk.example:*").stdout
    assert kept() == told.split() == ["https://desk.example", "https://desk.example:*"]
    assert run("site", "helpdesk", site.key, "desk.example", status=2).stderr
    assert "--none" in run("site", "helpdesk", site.key, status=2).stderr
    assert kept() == ["https://desk.example", "https://desk.example:*"]
    run("site", "helpdesk", site.key, "--none")
    assert kept() == []


@ON_BOTH
def test_surveys_are_made_worded_anew_closed_and_opened(run: Run, site: MadeSite, api: Api, tmp_path: Any) -> None:
    words = tmp_path / "words.json"
    words.write_text(json.dumps({"en": {"question": "And now?"}}))

    survey = run("survey", "create", site.key, "Chats", "--look", "thumbs", "--no-comment").stdout.strip()
    run("survey", "revise", site.key, survey, "--look", "words", "--texts", str(words))
    run("survey", "close", site.key, survey)

    told = api.get(f"/surveys/{survey}").get_json()
    assert [revision["look"] for revision in told["revisions"]] == ["thumbs", "words"]
    assert [revision["comment"] for revision in told["revisions"]] == [False, True]
    assert told["revisions"][1]["texts"] == {"en": {"question": "And now?"}}
    assert "(closed)" in run("survey", "list", site.key).stdout
    run("survey", "open", site.key, survey)
    assert api.get(f"/surveys/{survey}").get_json()["closed_at"] is None


def test_a_survey_goes_on_after_the_first_tap(run: Run, site: MadeSite, api: Api, tmp_path: Any) -> None:
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
    refused = run("survey", "revise", site.key, survey, *options, status=2)
    assert "reasons" in refused.stderr and "Traceback" not in refused.stderr
    files["questions"].write_text("{}")
    assert "JSON list" in run("survey", "revise", site.key, survey, *options, status=2).stderr


@pytest.mark.parametrize("words", ["[]", "{", '{"en": {"title": 1}}', '{"en": 1, "en": 2}'])
def test_words_that_cannot_be_used_are_refused_in_a_sentence(
    run: Run, site: MadeSite, tmp_path: Any, words: str
) -> None:
    file = tmp_path / "words.json"
    file.write_text(words)

    done = run("survey", "create", site.key, "Chats", "--texts", str(file), status=2)

    assert done.stderr.strip() and "Traceback" not in done.stderr


@pytest.fixture
def rated(api: Api, make: Make, site: MadeSite) -> Page:
    """A chat that ann rated with a comment that a spreadsheet would calculate."""
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
    done = run("export", "votes", site.key, "--bom")

    text = done.stdout_bytes.decode("utf-8")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert text.startswith("\ufeffid,") and "\r\n" in text
    assert (row["score"], row["sentiment"], row["subject"], row["visitor"]) == ("1", "negative", "c1", "ann")
    assert row["comment"] == '\'=HYPERLINK("x","ä"),\nagain'
    assert "1 votes" in done.stderr


@ON_BOTH
def test_an_export_can_be_narrowed(run: Run, site: MadeSite, rated: Page) -> None:
    def count(*options: str) -> int:
        return len(list(csv.reader(io.StringIO(run("export", "votes", site.key, *options).stdout)))) - 1

    assert count() == count("--since", "2020-01-01T00:00:00Z") == count("--channel", "chat") == 1
    assert count("--until", "2020-01-01T00:00:00+02:00") == count("--kind", "article") == 0
    assert "offset" in run("export", "votes", site.key, "--since", "2020-01-01", status=2).stderr


@ON_BOTH
def test_a_person_is_erased(run: Run, site: MadeSite, api: Api, rated: Page, config: Config) -> None:
    run("erase", site.key, "ann", "--yes")

    assert api.get("/conversations/c1").status_code == 404
    assert api.get("/votes").get_json()["votes"][0]["comment"] is None
    assert str(site.id) in (config.data_dir / "erased").read_text()
    assert "no such visitor" in run("erase", site.key, "ann", "--yes", status=2).stderr


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
        told = [run(*command, status=2).stderr for command in commands]
        assert words_of(run("site", "list"))[0] == site.key
    finally:
        os.close(descriptor)

    for command, text in zip(commands, told, strict=True):
        answer = called(api, text.replace("$(tilfreds operator-token)", operator).replace("$API_KEY", api.key))
        assert answer.status_code in ((404,) if command[0] == "erase" else (200, 201, 204)), (command, answer.text)


def called(api: Api, text: str) -> Any:
    """The answer to the curl line in a refusal."""
    words = shlex.split(text[text.index("curl ") :].replace("\\\n", " "))
    headers = dict(header.split(": ", 1) for flag, header in zip(words, words[1:], strict=False) if flag == "-H")
    address = next(word for word in words if word.startswith("http"))
    path = address.removeprefix("http://localhost")
    method, data = (words[words.index(flag) + 1] for flag in ("-X", "-d"))
    return api.client.open(path, method=method, headers=headers, data=data)


def test_who_is_credited_and_what_agents_see_are_set(run: Run, site: MadeSite, api: Api) -> None:
    def kept() -> list[Any]:
        settings = api.get("/site").get_json()
        return [settings[name] for name in ("credit", "agents_see", "agents_see_after_days")]

    run("site", "credit", site.key, "closer")
    run("site", "visibility", site.key, "team", "--after-days", "7")
    assert kept() == ["closer", "team", 7]
    assert "loudest" in run("site", "credit", site.key, "loudest", status=2).stderr
    assert "366" in run("site", "visibility", site.key, "all", "--after-days", "366", status=2).stderr
    run("site", "visibility", site.key, "own")
    assert kept() == ["closer", "own", 0]
