"""Every decision is in the audit log, with the person or key that made it, and without secrets or visitors' words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.back_end import Api
from tests.console.authenticator import SoftwareKey
from tests.console.conftest import Console, console
from tests.console.factors import add_app, first_step, send_code
from tests.console.test_passkeys import add as add_passkey
from tests.console.test_passkeys import answer_challenge
from tests.console.test_passwords import PASSWORD, Team, set_password, sign_in, team
from tests.console.test_profile import find_form, press
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.sample_site import address, build, calls
from widget_server.accounts.models import AuditEntry
from widget_server.accounts.refusals import MAX_ENTRIES_PER_HOUR, record_counted
from widget_server.storage.db import db

__all__ = ["console", "team"]

#: Writing routes that decide nothing about people, keys, settings or ratings that count.
NOT_DECISIONS = {
    # The back end reports what happened.
    "agents.put",
    "conversations.put",
    "conversations.post_merge",
    "imports.post_import",
    "invitations.put",
    "messages.post_messages",
    "messages.patch_message",
    "messages.post_ask",
    "messages.post_end",
    "messages.post_reopen",
    "messages.delete_message",
    "people.post_agent_token",
    # People in the console, about a conversation, their own browser or what they have read.
    "console.ask",
    "console.close",
    "console.mark_all_read",
    "console.mark_read",
    "console.end_one_session",
    "console.end_other_sessions",
    "console.sign_out",
    "console.choose_language",
    "console.confirm",
    "console.send_test_mail",
    "console.send_again",
    # Without an answer of a provider.
    "console.show_test",
    # Reads a page of the website; its result is deleted after a day.
    "console.start_page_check",
    "receive_findings",
    # Refused here: an owner's link has no password, and the votes of the sample conversation are not on articles.
    "console.change_password",
    "console.add_totp",
    "console.remove_totp",
    "console.renew_codes",
    "console.add_passkey",
    "console.remove_passkey",
    # tests/console/test_teams.py has its entry; the API removes the same team here.
    "console.remove_team",
}
#: Calls that another way in has made before, and the entry of that one.
REPEATED = {
    "console.exclude": "vote.excluded",
    "votes.post_restore": "vote.restored",
    "votes.post_erase": "vote.erased",
}
#: Calls that repeat what an earlier one did, or end what later ones need, come last.
LAST = (
    "console.remove_member",
    "teams.put_member",
    "teams.delete_member",
    "teams.delete_team",
    "console.undo_settings",
    "console.save_settings_general",
    "console.remove_mail_server",
    "console.remove_provider",
    "votes.post_restore",
    "votes.post_erase",
    "console.erase_personal_data",
    "conversations.post_erase",
    "people.post_erase",
    "secrets.delete_api_key",
    "console.revoke_key",
    "console.end_everything",
    "secrets.post_revoke",
    "console.remove_site",
    "console.restore_site",
    "sites.delete_site",
    "sites.post_restore",
)


def entries(app: Flask, **values: Any) -> list[AuditEntry]:
    with app.app_context():
        query = select(AuditEntry).filter_by(**values).order_by(AuditEntry.at, AuditEntry.number)
        return list(db.session.scalars(query))


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def newest_change(app: Flask) -> int:
    """Return the number of the newest change of settings, which can be taken back."""
    return max((entry.number for entry in entries(app, action="site.changed")), default=0)


#: The new name in the console, which the removal asks for.
NAME = "Renamed in the console"
#: The fields of all forms of the console together.
FORM = {
    "required": "yes",
    "allowed": "yes",
    "overlap": "24",
    "days": "0",
    "scopes": "read",
    "reason": "a test",
    "email": "x@shop.example",
    "role": "owner",
    "host": "mail.example",
    "port": "587",
    "tls": "starttls",
    "sender": "ratings@shop.example",
    "user": "mailer",
    "website": "https://other.example",
    "issuer": "https://login.example",
    "client_id": "tilfreds",
    "client_secret": "canary-of-a-password",
    "layout": "mkdocs-material",
    "chat": "crisp",
    "password": "canary-of-a-password",
    "name": NAME,
    "allowed_origins": "https://other.example",
    "time_zone": "UTC",
    "languages": "en",
    "agent_origins": "https://desk.example",
    "article_selector": "main",
    "article_share": "50",
    "adapters.tawk": "yes",
    "texts.en.saved": "Stored.",
    "credit": "last",
    "theme.name": "dense",
    "agents_see": "team",
    "agents_see_after_days": "3",
}
CHANGES: dict[str, dict[str, Any]] = {
    "sites.patch_site": {"name": "Renamed"},
    "surveys.patch_survey": {"name": "Renamed"},
    "surveys.post_revision": {"look": "thumbs"},
    "users.patch_user": {"disabled": True},
}


@pytest.mark.slow
def test_every_writing_route_is_in_the_log(
    app: Flask,
    client: FlaskClient,
    api: Api,
    make: Make,
    site: MadeSite,
    console: Console,
    subtests: pytest.Subtests,
) -> None:
    """A new route fails here until it records its decision or is listed as none."""
    world = build(app, client, api, make, site)
    writes = [
        (rule, method, who)
        for rule, method, who, access in calls(app)
        if who in ("api_key", "operator", "console") and access == "write"
    ]
    writes.sort(key=lambda write: LAST.index(write[0].endpoint) if write[0].endpoint in LAST else -1)
    recorded = 0
    for rule, method, who in writes:
        if rule.endpoint in NOT_DECISIONS:
            continue
        with subtests.test(rule=str(rule), method=method):
            before = count(app)
            if who == "console":
                token = find_form(console.read("profile"), "sign-out").value("form_token")
                site_key = site.key if rule.endpoint == "console.require_factor" else ""
                ids = {"user": world.own["user_id"], "site": site_key, "change": newest_change(app), "id": "c2"}
                form = {**FORM, **ids, "form_token": token}
                answer = console.client.open(address(rule, world.own), method=method, data=form)
                if answer.status_code == 404 and "/votes/" in str(rule):
                    continue
            else:
                body = CHANGES.get(rule.endpoint, world.body(rule.endpoint)) if method != "DELETE" else None
                answer = world.call(rule, method, world.own, who, json=body)
            assert answer.status_code < 400, answer.text
            assert count(app) > before or (rule.endpoint in REPEATED and entries(app, action=REPEATED[rule.endpoint]))
            recorded += 1
    assert recorded >= 20
    kinds = {entry.actor_kind for entry in entries(app)}
    assert {"api_key", "operator", "owner_link"} <= kinds and "" not in kinds
    stored = " ".join(f"{entry.target} {entry.detail}" for entry in entries(app))
    for secret in (site.api_key, world.bearers["reader"], FORM["password"], "tfk_", "#", "ann'"):
        assert secret not in stored
    assert all(entry.actor_id for entry in entries(app, actor_kind="api_key"))


def test_a_changed_setting_has_its_value_before_and_after(app: Flask, api: Api) -> None:
    api.patch("/site", {"name": "New name", "time_zone": "UTC"})
    api.patch("/site", {"name": "New name"})
    (entry,) = entries(app, action="site.changed")
    assert entry.detail == {"before": {"name": "Shop"}, "after": {"name": "New name"}}
    assert (entry.actor_kind, entry.actor) == ("api_key", "API key first key")


@ON_BOTH
def test_sign_ins_and_refusals_name_the_person(app: Flask, team: Team) -> None:
    browser = team.join()
    sign_in(browser)
    assert sign_in(Console(app), password="not this one").status_code == 401
    assert sign_in(Console(app), "my secret password@x.example").status_code == 401
    assert sign_in(Console(app), "my secret password").status_code == 401
    names = [(entry.action, entry.actor, entry.target) for entry in entries(app)]
    ann = "ann@shop.example"
    refused = ("sign_in.refused", "Not signed in")
    assert names == [
        ("user.password_set", ann, f"user {ann}"),
        ("sign_in.succeeded", ann, ann),
        ("sign_in.succeeded", ann, ann),
        (*refused, f"user {ann}"),
        (*refused, "unknown address"),
        (*refused, "unknown address"),
    ]


@ON_BOTH
def test_refusals_from_many_sources_do_not_fill_the_log(app: Flask, team: Team, clock: SetClock) -> None:
    """Each attempt has an address and a source that no limit knows; those on an account stay entries."""
    team.invite()
    for number in range(MAX_ENTRIES_PER_HOUR + 5):
        source = {"REMOTE_ADDR": f"198.51.100.{number}"}
        form = {"email": f"x{number}@shop.example", "password": "not this one"}
        answer = Console(app).client.post("/console/sign-in", data=form, environ_base=source)
        assert answer.status_code == 401
    assert sign_in(Console(app), password="not this one").status_code == 401
    targets = [entry.target for entry in entries(app, action="sign_in.refused")]
    assert targets == [*["unknown address"] * MAX_ENTRIES_PER_HOUR, "user ann@shop.example"]

    clock.forward(hours=1)
    run_job(app, record_counted)
    run_job(app, record_counted)
    later = entries(app, action="sign_in.refused")[len(targets) :]
    assert [entry.detail["count"] for entry in later] == [5]


def run_job(app: Flask, job: Callable[[], Iterator[int]]) -> None:
    with app.app_context():
        for _ in job():
            db.session.commit()


@ON_BOTH
def test_an_owner_changes_roles(app: Flask, team: Team, site: MadeSite) -> None:
    ann = team.join()
    page = ann.read("users")
    press(ann, find_form(page, "/users"), email="ben@shop.example", name="", role="admin", site=site.key)
    form = next(form for form in ann.read("users").all("form") if form["action"].endswith("/role"))
    press(ann, form, role="owner", site=site.key)
    press(ann, form, role="owner", site=site.key)
    press(ann, form, role="", site=site.key)
    changes = entries(app, action="role.changed")
    assert [(entry.detail["before"]["role"], entry.detail["after"]["role"]) for entry in changes] == [
        (None, "admin"),
        ("admin", "owner"),
        ("owner", None),
    ]
    assert {(entry.actor, entry.target) for entry in changes} == {("ann@shop.example", "user ben@shop.example")}
    assert len({entry.site_id for entry in changes}) == 1 and [entry.number for entry in changes][0] > 0
    assert entries(app, action="user.invited")[0].actor == "ann@shop.example"


def test_a_refused_change_leaves_no_entry(app: Flask, team: Team) -> None:
    code = team.invite()
    assert set_password(Console(app), code, "too easy").status_code == 422
    assert count(app) == 0
    assert set_password(Console(app), code, PASSWORD).status_code == 303
    assert [entry.action for entry in entries(app)] == ["user.password_set", "sign_in.succeeded"]


def test_passkeys_are_in_the_log_and_no_name_breaks_a_line(app: Flask, team: Team) -> None:
    """Check that a name with a line break or an escape sequence forges no entry (C14)."""
    browser, key = team.join(), SoftwareKey()
    assert add_passkey(browser, key, name="Laptop\r\nsign_in.succeeded").status_code == 200
    assert add_passkey(browser, SoftwareKey(), name="\x1b[2J").status_code == 422
    assert answer_challenge(Console(app), SoftwareKey()).status_code == 401
    press(browser, find_form(browser.read("profile"), "/remove"))
    later_entries = [(entry.action, entry.detail) for entry in entries(app)][2:]
    name = "Laptop sign_in.succeeded"
    assert later_entries == [
        ("factor.added", {"factor": name}),
        ("sign_in.refused", {}),
        ("factor.removed", {"factor": name}),
    ]


def test_second_factors_are_in_the_log(app: Flask, team: Team, console: Console) -> None:
    browser = team.join()
    add_app(browser)
    assert send_code(first_step(app), "000000").status_code == 401
    press(browser, find_form(browser.read("profile"), "recovery-codes"))
    press(browser, find_form(browser.read("profile"), "/remove"))
    actions = [(entry.action, entry.actor) for entry in entries(app) if entry.actor_kind != "owner_link"]
    ann = "ann@shop.example"
    assert actions == [
        ("user.password_set", ann),
        ("sign_in.succeeded", ann),
        ("factor.added", ann),
        ("sign_in.refused", "Not signed in"),
        ("factor.codes_renewed", ann),
        ("factor.removed", ann),
    ]
