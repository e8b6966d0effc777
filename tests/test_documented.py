"""The tables and examples of the documents, compared with the code that they describe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from flask import Flask

from tests.back_end import Api
from tests.rule_cases import CASES
from tests.test_document_form import PAGES
from widget_server.cli import main
from widget_server.invitations.quota import MAX_UNVERIFIED_PER_DAY, MAX_UNVERIFIED_PER_SOURCE
from widget_server.invitations.rules import DEFAULTS, NOT_SAMPLED, REASONS, RuleSettings, check_overrides
from widget_server.invitations.rules import RULES as CHAT_RULES
from widget_server.settings.adapters import OPTIONS
from widget_server.settings.schemas import Theme
from widget_server.sites.themes import THEMES
from widget_server.surveys import text_overrides
from widget_server.surveys.follow_up import OUTCOMES
from widget_server.surveys.questions.base import MAX_TEXT
from widget_server.surveys.questions.kinds import KINDS
from widget_server.surveys.service import DEFAULT_WINDOW_HOURS

ROOT = Path(__file__).parents[1]
RULES = ROOT / "docs" / "reference" / "rules.md"
TEXTS = ROOT / "docs" / "guides" / "texts.md"


#: `GET /path` or `curl -X POST "$TILFREDS/path"`.
ROUTE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[^\s`'\"?]+)")
CURL = re.compile(r"\bcurl (?:-X (\w+) )?\"?\$(?:TILFREDS|HOST)(/api/v1[^\s`'\"?]+)")
#: A placeholder for an id, such as `{id}`, `ID`, `$VOTE` or `SITE_KEY`.
PLACEHOLDER = re.compile(r"\{\w+\}|\$?\b[A-Z][A-Z_]+\b")
OUTSIDE_OF_THE_API = ("/api/v1/", "/w/", "/agent/")


def table(page: Path, first: str) -> Iterator[list[str]]:
    """Yield the rows of the table whose head begins with `first`, without backticks."""
    rows = iter(page.read_text("utf-8").splitlines())
    head = next(row for row in rows if row.startswith(f"| {first} |"))
    yield cells(head)
    next(rows)
    for row in rows:
        if not row.startswith("|"):
            return
        yield cells(row)


def cells(row: str) -> list[str]:
    return [cell.strip().strip("`") for cell in row.strip("|").split("|")]


def test_the_table_of_rule_defaults_equals_the_code() -> None:
    head, *rows = table(RULES, "Setting")

    channels = head[1:]
    documented = {channel: {row[0]: int(row[column]) for row in rows} for column, channel in enumerate(channels, 1)}
    defaults = {
        channel: {field.name: getattr(settings, field.name) for field in fields(RuleSettings)}
        for channel, settings in DEFAULTS.items()
    }
    assert documented == defaults


def test_every_reason_is_documented_with_its_text() -> None:
    _, *rows = table(RULES, "Reason")

    assert dict(rows) == REASONS


def test_the_table_of_rules_has_the_rules_of_pages() -> None:
    """The table of articles has exactly the rules for which a page has cases."""
    _, *rows = table(RULES, "Rule")

    page_rules = {row["rule"] for row in CASES["asked"] if "page" in row}
    assert {row[0] for row in rows} == page_rules
    assert page_rules <= {row["rule"] for row in CASES["asked"] if "server" in row}
    assert {row["rule"] for row in CASES["asked"]} == {*CHAT_RULES, NOT_SAMPLED}


def test_the_table_of_counts_equals_the_cases() -> None:
    _, *rows = table(RULES, "What happens")

    assert dict(rows) == {row["says"]: "yes" if row["counted"] else "no" for row in CASES["counted"]}


def test_the_figures_in_the_text_equal_the_code() -> None:
    text = " ".join(RULES.read_text("utf-8").split())

    assert (
        f"{MAX_UNVERIFIED_PER_DAY:,} such chats per site and day, {MAX_UNVERIFIED_PER_SOURCE} of them from one address"
        in text
    )
    assert f"`window_hours` of its survey: {DEFAULT_WINDOW_HOURS // 24} days by default" in text


def test_the_example_of_rule_overrides_is_valid(api: Api) -> None:
    (body,) = re.findall(r"-d '(\{\"rules\".*)'", RULES.read_text("utf-8"))

    answer = api.patch("/site", data=body.encode(), content_type="application/json")

    assert answer.status_code == 200
    check_overrides(answer.get_json()["rules"])


def test_every_widget_text_is_documented_and_the_example_is_valid(api: Api) -> None:
    _, *rows = table(TEXTS, "Key")
    documented = {key: (int(max_length), english) for key, _, max_length, english in rows}
    (body,) = re.findall(r"-d '(\{\"texts\".*)'", TEXTS.read_text("utf-8"))

    assert documented == {
        key: (text_overrides.max_length_of(key), text) for key, text in text_overrides.overridable_texts("en").items()
    }
    answer = api.patch("/site", data=body.encode(), content_type="application/json")
    assert answer.get_json()["texts"] == json.loads(body)["texts"]
    for reset in re.findall(r"`(\{\"texts\": .*?null\}*)`", TEXTS.read_text("utf-8")):
        answer = api.patch("/site", data=reset.encode(), content_type="application/json")
    assert answer.get_json()["texts"] == {}, "the last example resets all"


def test_the_page_of_themes_lists_them_and_its_example_is_valid(api: Api) -> None:
    page = ROOT / "docs" / "guides" / "themes.md"
    (body,) = re.findall(r"-d '(\{\"theme\".*)'", page.read_text("utf-8"))

    assert [row[0] for row in table(page, "Theme")][1:] == list(THEMES)
    assert {row[0] for row in table(page, "Setting")} - {"Setting"} == set(Theme().fields)
    answer = api.patch("/site", data=body.encode(), content_type="application/json")
    assert answer.get_json()["theme"] == json.loads(body)["theme"]


def commands(group: click.Group, path: str = "tilfreds") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_the_page_of_commands_lists_exactly_the_commands() -> None:
    _, *rows = table(ROOT / "docs" / "reference" / "commands.md", "Command")

    assert sorted(row[0] for row in rows) == sorted(commands(main))


def test_the_texts_on_the_page_of_commands_are_valid(api: Api) -> None:
    (texts,) = re.findall(r"^(\{\"en\".*\})$", (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8"), re.M)

    answer = api.post("/surveys", {"name": "x", "placement": "chat_end", "texts": json.loads(texts)})

    assert answer.status_code == 201, answer.get_json()


def test_the_page_of_follow_up_questions_lists_the_kinds_and_is_valid(api: Api) -> None:
    page = ROOT / "docs" / "guides" / "follow-up-questions.md"
    (example,) = re.findall(r"^```json\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)

    answer = api.post("/surveys", {"name": "x", "placement": "chat_end", **json.loads(example)})

    assert answer.status_code == 201, answer.get_json()
    assert [row[0] for row in table(page, "Kind")][1:] == list(KINDS)
    assert [row[0] for row in table(page, "Count")][1:] == [*OUTCOMES, "seen"]
    assert f"up to {MAX_TEXT} characters" in page.read_text("utf-8")


def test_the_page_of_chats_lists_the_options_of_each_adapter() -> None:
    page = ROOT / "docs" / "guides" / "chats.md"
    _, *rows = table(page, "Adapter")

    documented = {row[0]: sorted(option.strip(" `") for option in row[2].split(",")) for row in rows}
    assert documented == {name: sorted(["target", *options]) for name, options in OPTIONS.items()}
    shared, _, rest = page.read_text("utf-8").partition("\n### ")
    sections = dict(re.findall(r"^### `(\w+)`\n\n(.*?)(?=\n###|\Z)", f"### {rest}", re.M | re.S))
    common_text = shared.partition("\n## ")[2]
    assert sorted(sections) == sorted(OPTIONS)
    for name, section in sections.items():
        assert re.search(r"[Cc]onfirmed|[Dd]ocumented", section) or name == "dom", name
        assert [option for option in OPTIONS[name] if f"`{option}`" not in common_text + section] == [], name


def test_the_example_of_an_adapter_is_valid(api: Api) -> None:
    (body,) = re.findall(r"-d '(\{\"adapters\".*)'", (ROOT / "docs" / "guides" / "chats.md").read_text("utf-8"))

    answer = api.patch("/site", data=body.encode(), content_type="application/json")

    assert answer.status_code == 200
    assert answer.get_json()["adapters"] == json.loads(body)["adapters"]


def test_every_command_that_a_document_names_exists() -> None:
    known_commands = set(commands(main))
    groups = {name.rsplit(" ", 1)[0] for name in known_commands} - {"tilfreds"}
    for page in PAGES:
        for line in re.findall(r"(?:^|[`$(])(tilfreds [a-z][a-z-]*(?: [a-z][a-z-]*)?)", page.read_text("utf-8"), re.M):
            words = line.split()
            assert line in known_commands | groups or " ".join(words[:2]) in known_commands, (page.name, line)


def test_every_route_that_a_document_names_exists(app: Flask, subtests: pytest.Subtests) -> None:
    adapter = app.url_map.bind("localhost")
    for page in PAGES:
        text = page.read_text("utf-8")
        for method, route in {*ROUTE.findall(text), *CURL.findall(text)}:
            with subtests.test(page=page.name, method=method, route=route):
                path = PLACEHOLDER.sub("01890000-0000-7000-8000-000000000000", unquote(route))
                path = path if path.startswith(OUTSIDE_OF_THE_API) else f"/api/v1{path}"
                adapter.match(path, method or "GET")
