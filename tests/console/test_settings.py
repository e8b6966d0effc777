"""The settings of a site in the console: groups, search, what is kept after an error, and undo."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.accounts.test_audit_entries import entries
from tests.back_end import Api, done
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from widget_server.console.settings.groups import GROUPS, SETTINGS
from widget_server.console.settings.texts import SHOWN
from widget_server.sites.service import CHANGEABLE
from widget_server.surveys.text_overrides import overridable_texts

from .conftest import Console, Desk
from .html import Element, read
from .test_passwords import Team

DAY = 24 * 60 * 60


def page(desk: Desk, slug: str = "", **query: str) -> Element:
    return desk.console.read(f"{desk.site.key}/settings{'/' * bool(slug)}{slug}", query_string=query)


def fields_of(form: Element) -> dict[str, Any]:
    """Return what a browser would send of a form that was not touched."""
    fields: dict[str, Any] = {}
    for field in form.all():
        name, value = field.attributes.get("name"), field.attributes.get("value", "")
        if not name or (field.attributes.get("type") in ("checkbox", "radio") and "checked" not in field.attributes):
            continue
        if field.name == "select":
            options = list(field.all("option"))
            selected_option = next((option for option in options if "selected" in option.attributes), options[0])
            value = selected_option.attributes.get("value", selected_option.text)
        elif field.name == "textarea":
            value = "".join(field.pieces())
        if field.name in ("input", "select", "textarea"):
            fields.setdefault(name, []).append(value)
    return fields


def group_form(root: Element, slug: str) -> Element:
    return next(
        form
        for form in root.all("form", method="post")
        if form["action"].partition("?")[0].endswith(f"/settings/{slug}")
    )


def save(desk: Desk, slug: str, changes: Mapping[str, Any], query: Mapping[str, str] | None = None) -> Any:
    """Open the page of a group, change fields, and send its form as a browser would. None unchecks a box."""
    form = group_form(page(desk, slug, **(query or {})), slug)
    fields = {**fields_of(form), **changes}
    return desk.console.client.post(
        form["action"], data={name: value for name, value in fields.items() if value is not None}
    )


def settings_of(api: Api) -> dict[str, Any]:
    settings: dict[str, Any] = api.get("/site").get_json()
    return settings


def follow(desk: Desk, response: Any) -> Element:
    assert response.status_code == 303, response.text
    return desk.console.read(response.headers["Location"].removeprefix("/console/"))


def test_a_form_that_was_not_touched_changes_nothing(desk: Desk, api: Api, subtests: pytest.Subtests) -> None:
    before = settings_of(api)
    for group in GROUPS:
        if group.settings:
            with subtests.test(group=group.slug):
                assert "Nothing was changed" in follow(desk, save(desk, group.slug, {})).text
                assert settings_of(api) == before


def test_every_setting_has_a_sentence_a_default_and_a_place(desk: Desk, subtests: pytest.Subtests) -> None:
    """The table has each setting once, and its page shows it with its help."""
    names = [setting.name for _, setting in SETTINGS]
    assert len(names) == len(set(names)) > 3
    assert {setting.column for _, setting in SETTINGS} <= set(CHANGEABLE)
    for group in GROUPS:
        root = page(desk, group.slug)
        for setting in group.settings:
            if "*" in setting.name:
                continue
            with subtests.test(name=setting.name):
                text = root.one(id=f"{setting.name}-help").text
                assert text.startswith(setting.help) and "Default: " in text and "Acts on " in text
                assert root.one(id=setting.name)


def test_general_settings_are_saved_and_say_when_pages_follow(desk: Desk, api: Api, clock: SetClock) -> None:
    changes = {
        "name": "Corner shop",
        "allowed_origins": "https://Shop.example",
        "time_zone": "Asia/Tokyo",
        "languages": "da",
        "more_languages": ["de", "en"],
        "other_languages": "pt-BR",
    }
    root = follow(desk, save(desk, "general", changes))
    stored = settings_of(api)
    assert (stored["name"], stored["time_zone"]) == ("Corner shop", "Asia/Tokyo")
    assert stored["languages"] == ["da", "de", "en", "pt-BR"] and stored["allowed_origins"] == ["https://shop.example"]
    notice = root.one("div", klass="notice").text
    assert "Saved." in notice and "New visitors see the change now" in notice
    clock.forward(minutes=6)
    assert "Pages have the change" in page(desk, "general", saved=desk_change(root)).text
    root = follow(desk, save(desk, "general", {"name": "Shop"}))
    assert "It applies at once" in root.one("div", klass="notice").text


def desk_change(root: Element) -> str:
    return root.one("div", klass="notice").one("form").value("change")


def test_a_wrong_value_keeps_everything_that_was_typed(desk: Desk, api: Api) -> None:
    before = settings_of(api)
    response = save(desk, "general", {"name": "New name", "allowed_origins": "https://ok.example\nshop.example/path"})
    assert response.status_code == 422
    assert 'value="New name"' in response.text and "shop.example/path</textarea>" in response.text
    assert 'id="allowed_origins-problem"' in response.text and 'aria-invalid="true"' in response.text
    assert settings_of(api) == before
    assert 'id="name-problem"' in save(desk, "general", {"name": ""}).text


def test_a_change_made_meanwhile_is_not_overwritten(desk: Desk, api: Api) -> None:
    form = group_form(page(desk, "general"), "general")
    api.patch("/site", {"time_zone": "Asia/Tokyo"})
    response = desk.console.client.post(form["action"], data={**fields_of(form), "name": "Mine"})
    assert response.status_code == 409 and 'value="Mine"' in response.text
    assert "Someone else changed these settings" in response.text
    assert settings_of(api)["time_zone"] == "Asia/Tokyo" and settings_of(api)["name"] == "Shop"
    stored = [item.text for item in read(response.text).one("ul", id="stored").all("li")]
    assert stored == ["Name: Shop", "Time zone: Asia/Tokyo"], "a second press would overwrite these"
    form = group_form(page(desk, "agents"), "agents")
    api.patch("/site", {"analysts_see_personal": True, "credit": "closer"})
    response = desk.console.client.post(form["action"], data=fields_of(form))
    stored = [item.text for item in read(response.text).one("ul", id="stored").all("li")]
    assert stored[1] == "Analysts see visitors: On" and "closer" not in stored[0], stored


def test_a_change_is_taken_back_for_seven_days(desk: Desk, api: Api, clock: SetClock) -> None:
    before = settings_of(api)
    root = follow(desk, save(desk, "general", {"name": "Wrong", "time_zone": "Asia/Tokyo"}))
    undo = root.one("div", klass="notice").one("form")
    assert "was taken back" in follow(desk, desk.send(undo)).text
    assert settings_of(api) == before

    api.patch("/site", {"name": "First"})
    rows = list(page(desk).one("ul", data_list="changes").all("li"))
    assert "Name" in rows[0].text and "API key first key" in rows[0].text
    older = rows[0].one("form")
    api.patch("/site", {"name": "Second"})
    assert desk.send(older).status_code == 409
    assert settings_of(api)["name"] == "Second"
    newest = next(page(desk).one("ul", data_list="changes").all("form"))
    for number in (-1, 2**31, 10**30):
        assert desk.send(newest, None, change=str(number)).status_code == 404, number
        assert "Undo" not in page(desk, "general", saved=str(number)).text, number
    clock.forward(seconds=7 * DAY + 1)
    assert desk.send(newest).status_code == 404
    assert not list(page(desk).one("ul", data_list="changes").all("form"))


def test_every_group_is_saved_cleared_and_taken_back(desk: Desk, api: Api, subtests: pytest.Subtests) -> None:
    popover = {"delay_seconds": 5, "scroll_percent": 0, "side": "end"}
    dom = {"start": "chat-start", "end": "chat-end", "idle_minutes": 5}
    cases: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("helpdesk", {"agent_origins": "https://desk.example\nhttps://app.example"}, {}),
        ("placement", {"placement.layout": "furo", "article_selector": "main"}, {"placement": {"layout": "furo"}}),
        (
            "placement",
            {"placement.popover": "yes"} | {f"placement.popover.{name}": str(value) for name, value in popover.items()},
            {"placement": {"layout": "furo", "popover": popover}},
        ),
        ("placement", {"placement.popover": None, "placement.layout": ""}, {"placement": {}}),
        ("placement", {"placement.panel": "#chat"}, {"placement": {"panel": "#chat"}}),
        ("asked", {"article_share": "12,5"}, {"article_share": 0.125}),
        ("asked", {"ask_when_unknown": None}, {"ask_when_unknown": False}),
        (
            "asked",
            {"rules.email.cooldown_days": "30", "rules.chat.every_nth": "3"},
            {"rules": {"email": {"cooldown_days": 30}, "chat": {"every_nth": 3}}},
        ),
        ("asked", {"rules.email.cooldown_days": ""}, {"rules": {"chat": {"every_nth": 3}}}),
        (
            "chats",
            {"adapters.dom": "yes"} | {f"adapters.dom.{name}": str(value) for name, value in dom.items()},
            {"adapters": {"dom": dom}},
        ),
        ("chats", {"adapters.chatwoot": "yes", "adapters.chatwoot.csat": "yes"}, {}),
        ("chats", {"adapters.dom": None}, {"adapters": {"chatwoot": {"csat": True}}}),
        (
            "agents",
            {"credit": "last", "agents_see": "team", "agents_see_after_days": "7", "analysts_see_personal": "yes"},
            {"credit": "last", "agents_see": "team", "agents_see_after_days": 7, "analysts_see_personal": True},
        ),
    ]
    for slug, fields, expected in cases:
        with subtests.test(slug=slug, fields=fields):
            earlier = settings_of(api)
            root = follow(desk, save(desk, slug, fields))
            stored = settings_of(api)
            assert {name: stored[name] for name in expected} == expected and stored != earlier
            desk.send(root.one("div", klass="notice").one("form"))
            assert settings_of(api) == earlier
            follow(desk, save(desk, slug, fields))
    assert settings_of(api)["agent_origins"] == ["https://desk.example", "https://app.example"]


def test_every_group_names_the_wrong_field(desk: Desk, api: Api, subtests: pytest.Subtests) -> None:
    before = settings_of(api)
    cases = [
        ("helpdesk", {"agent_origins": "desk"}, "agent_origins"),
        ("placement", {"placement.popover": "yes", "placement.popover.delay_seconds": "soon"}, ""),
        ("placement", {"placement.panel": "#chat", "placement.launcher": "yes"}, "placement.launcher"),
        ("asked", {"article_share": "101"}, "article_share"),
        ("asked", {"rules.sms.every_nth": "0"}, "rules.sms.every_nth"),
        ("asked", {"rules.chat.cooldown_days": "two"}, "rules.chat.cooldown_days"),
        ("chats", {"adapters.dom": "yes"}, "adapters.dom.start"),
        ("chats", {"adapters.crisp": "yes", "adapters.crisp.field": "a b"}, "adapters.crisp.field"),
        ("agents", {"agents_see_after_days": "400"}, "agents_see_after_days"),
    ]
    for slug, fields, wrong_field in cases:
        with subtests.test(slug=slug, fields=fields):
            response = save(desk, slug, fields)
            assert response.status_code == 422
            name = wrong_field or "placement.popover.delay_seconds"
            assert f'id="{name}-problem"' in response.text
            for value in fields.values():
                assert value in response.text
            assert settings_of(api) == before


def test_texts_are_changed_by_language_and_reset(desk: Desk, api: Api) -> None:
    api.patch("/site", {"languages": ["da", "en-GB", "xx"], "texts": {"en": {"done": "OK"}}})
    da, gb = {"language": "da"}, {"language": "en-GB"}
    root = follow(desk, save(desk, "texts", {"texts.da.saved": "Tak.", "texts.da.change": "Skift"}, da))
    assert settings_of(api)["texts"] == {"en": {"done": "OK"}, "da": {"saved": "Tak.", "change": "Skift"}}
    label = next(label for label in root.all("label") if label.attributes.get("for") == "texts.da.bad_token-field")
    assert label.text == "Error: the link is not valid.", "the label is a sentence, not the key of the API"
    assert "2 texts are changed" in root.text and root.one(id="texts.da.saved-field")["value"] == "Tak."
    assert page(desk, "texts", **gb).one(id="texts.en-GB.done-field")["placeholder"] == "OK"

    response = save(desk, "texts", {"texts.da.answered": "Du svarede", "texts.da.word": "Ord"}, da)
    assert response.status_code == 422 and 'id="texts.da.answered-problem"' in response.text
    assert 'value="Ord"' in response.text
    follow(desk, save(desk, "texts", {"texts.da.saved": ""}, da))
    assert settings_of(api)["texts"]["da"] == {"change": "Skift"}
    reset = page(desk, "texts", **da).one("form", klass="reset")
    root = follow(desk, desk.send(reset, None, reset="yes"))
    assert settings_of(api)["texts"] == {"en": {"done": "OK"}}
    desk.send(root.one("div", klass="notice").one("form"))
    assert settings_of(api)["texts"]["da"] == {"change": "Skift"}


def test_texts_that_pages_show_in_english_are_counted(desk: Desk, api: Api) -> None:
    api.patch("/site", {"languages": ["en", "xx"], "texts": {"xx": {"saved": "Xaved."}}})
    total = len(overridable_texts("en"))
    assert f"{total - 1} texts are missing" in page(desk, "texts", language="xx").text
    assert "missing" not in page(desk, "texts", language="en").text
    assert set(SHOWN) == set(overridable_texts("en"))


PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


def test_the_theme_is_previewed_before_it_is_saved(desk: Desk, api: Api) -> None:
    fields = {"theme.name": "corporate", "theme.colours.accent": "#7a1f5c", "theme.radius": "6", "preview": "yes"}
    response = save(desk, "appearance", fields)
    assert response.status_code == 200 and settings_of(api)["theme"] == {}
    assert "frame-src 'self'" in response.headers["Content-Security-Policy"]
    root = read(response.text)
    assert root.one(id="theme.radius-field")["value"] == "6"
    frames = list(root.all("iframe"))
    assert [frame["data-scheme"] for frame in frames] == ["light", "dark"]
    for frame in frames:
        assert frame["sandbox"] == "allow-scripts"
        preview = desk.console.get(frame["src"].removeprefix("/console/"))
        assert "#7a1f5c" in preview.text and "--tilfreds-radius:6px" in preview.text
        policy = preview.headers["Content-Security-Policy"]
        assert "sandbox allow-scripts" in policy and "connect-src" not in policy and "default-src 'none'" in policy
    del fields["preview"]
    follow(desk, save(desk, "appearance", fields))
    assert settings_of(api)["theme"] == {"name": "corporate", "colours": {"accent": "#7a1f5c"}, "radius": 6}


def test_the_preview_warns_of_contrast_and_never_shows_what_is_no_colour(desk: Desk, subtests: pytest.Subtests) -> None:
    path = f"{desk.site.key}/settings/appearance/preview"
    low = desk.console.get(path, query_string={"theme.colours.positive": "#eeeeee"})
    assert "Contrast of positive" in low.text and "#eeeeee" in low.text
    bad_values = {
        "theme.colours.ink": "</styl",
        "theme.colours.paper": "red;}a{",
        "theme.logo.src": 'https://x"</style><b>',
        "theme.radius": "6}*{",
        "theme.name": "</style>",
    }
    for name, value in bad_values.items():
        with subtests.test(name=name):
            page_text = desk.console.get(path, query_string={name: value}).text
            style = page_text.partition("<style")[2].partition("</style>")[0]
            assert value not in style and page_text.count("</style>") == 1
            assert "<b>" not in page_text and 'class="problem"' in page_text


def test_a_wrong_theme_names_its_field_and_is_not_saved(desk: Desk, api: Api, subtests: pytest.Subtests) -> None:
    for name, value in (
        ("theme.colours.positive", "#eeeeee"),
        ("theme.colours.ink", "blue"),
        ("theme.dark_colours.ink", "#ffffff"),
        ("theme.radius", "99"),
        ("theme.logo.src", "http://shop.example/logo.png"),
    ):
        with subtests.test(name=name):
            response = save(desk, "appearance", {name: value})
            assert response.status_code == 422 and f'value="{value}"' in response.text
            assert 'class="wrong"' in response.text
            assert settings_of(api)["theme"] == {}


def test_a_logo_is_read_from_a_file(desk: Desk, api: Api) -> None:
    def upload(content: bytes) -> Any:
        form = group_form(page(desk, "appearance"), "appearance")
        fields = fields_of(form) | {"logo_file": (BytesIO(content), "logo.png")}
        return desk.console.client.post(form["action"], data=fields)

    follow(desk, upload(PNG))
    assert settings_of(api)["theme"]["logo"]["src"].startswith("data:image/png;base64,iVBOR")
    for content in (b"GIF89a", PNG + bytes(6_000), b"<html>"):
        response = upload(content)
        assert response.status_code == 422 and 'id="theme.logo.src-problem"' in response.text
    follow(desk, save(desk, "appearance", {"theme.logo.src": ""}))
    assert settings_of(api)["theme"] == {}


def test_agents_are_searched(desk: Desk, api: Api) -> None:
    assert "No agents yet" in page(desk, "agents").text
    api.put("/agents/sam", {"name": "Sam Øre", "team": "North"})
    api.put("/agents/kim", {"name": "Kim"})
    rows = page(desk, "agents", agent="øre north").one("ul", klass="entries").all("li")
    assert [row.one("b").text for row in rows] == ["Sam Øre"]
    assert "No agent has these words" in page(desk, "agents", agent="nowhere").text


def test_an_agent_is_linked_to_an_account(app: Flask, desk: Desk, api: Api) -> None:
    api.put("/agents/sam", {"name": "Sam"})
    api.put("/agents/kim", {"name": "Kim", "email": "kim@shop.example"})
    Team(app).invite()

    def link(agent: str, email: str) -> Any:
        form = page(desk, "agents", agent=agent).one("ul", klass="entries").one("form")
        return desk.send(form, None, email=email)

    assert "no account has the address kim@shop.example" in page(desk, "agents", agent="kim").text
    assert "account ann@shop.example" in follow(desk, link("sam", " Ann@shop.example")).text
    for email, status in (("kim@shop.example", 409), ("not an address", 422)):
        response = link("sam", email)
        assert response.status_code == status and f'value="{email}"' in response.text
    assert "no account" in follow(desk, link("sam", "")).text
    emails = {agent["external_id"]: agent["email"] for agent in done(api.get("/agents"))["agents"]}
    assert emails == {"sam": None, "kim": "kim@shop.example"}
    changes = entries(app, action="agent.linked")
    assert [entry.detail["after"]["email"] for entry in changes] == ["ann@shop.example", None]


def test_the_search_finds_settings_by_their_words(desk: Desk, subtests: pytest.Subtests) -> None:
    for query, name in (("time zone", "time_zone"), ("ADDRESSES key", "allowed_origins"), ("allowed_origins", "")):
        with subtests.test(query=query):
            links = [link["href"] for link in page(desk, q=query).one("div", klass="group").all("a")]
            assert any(link.endswith(f"/settings/general#{name or query}") for link in links), links
    assert "No setting has these words" in page(desk, q="zeppelin").text
    for group in GROUPS:
        assert page(desk, q=group.label).one("div", klass="group").all("li")


def test_an_analyst_has_no_settings(app: Flask, desk: Desk, stranger: Console, site: MadeSite) -> None:
    assert stranger.get(f"{site.key}/settings").status_code == 401
    assert stranger.client.post(f"/console/{site.key}/settings/general", data={"name": "x"}).status_code == 401
    assert desk.console.client.post(f"/console/{site.key}/settings/general", data={"name": "x"}).status_code == 403
