"""Sign in at an OpenID Connect provider: a real one, and one that forges what it can."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import oidc_provider_mock  # type: ignore[import-untyped]
import pytest
from flask import Flask
from joserfc import jwk

from tests.accounts.test_audit_entries import entries
from tests.databases import ON_BOTH
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from widget_server.accounts import users
from widget_server.accounts.models import LoginSession, Membership, SignOnIdentity, User
from widget_server.accounts.oidc import provider as providers
from widget_server.accounts.oidc.settings import GroupRole, OidcSettings, store_settings, stored_settings
from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.storage.db import db

from .conftest import Console
from .factors import add_app, send_code
from .html import read
from .oidc_provider import CLIENT_ID, CLIENT_SECRET, Forger, forged_provider
from .test_passwords import EMAIL, PASSWORD, Team, team
from .test_passwords import sign_in as sign_in_with_password
from .test_profile import find_form, press

__all__ = ["team"]

START = "/console/sign-in/single-sign-on"
CALLBACK = f"{START}/callback"


@pytest.fixture
def config(config: Config) -> Config:
    return dataclasses.replace(config, allowed_internal_hosts=("localhost", "127.0.0.1"))


@pytest.fixture(autouse=True)
def no_known_providers() -> None:
    providers.forget_providers()


@pytest.fixture
def forger() -> Iterator[Forger]:
    with forged_provider() as forger:
        forger.claims = {"email": EMAIL, "email_verified": True, "name": "Ann", "groups": ["staff"]}
        yield forger


def set_up(app: Flask, issuer: str, **changes: Any) -> None:
    """Store a provider whose group "staff" gives the owner's role at all sites."""
    settings = OidcSettings("Shop ID", issuer, CLIENT_ID, CLIENT_SECRET, "groups", (GroupRole("staff", "owner", None),))
    with app.app_context():
        store_settings(app.config["SECRET_KEYS"], dataclasses.replace(settings, **changes), product_clock.now())
        db.session.commit()
    providers.forget_providers()


def start(browser: Console, path: str = START) -> str:
    """Return the address of the provider where the browser is sent."""
    response = browser.client.get(path)
    assert response.status_code == 303, response.text
    return response.headers["Location"]


def finish(browser: Console, parameters: dict[str, str]) -> Any:
    """Return to the console with the parameters of the provider, and press the button there."""
    page = browser.client.get(f"{CALLBACK}?{urlencode(parameters)}")
    assert page.status_code == 200
    [form] = [form for form in read(page.text).all("form") if "data-sign-on" in form.attributes]
    return press(browser, form)


def sign_on(browser: Console, forger: Forger, **changes: str) -> Any:
    return finish(browser, {**forger.authorize(start(browser)), **changes})


def problem_of(response: Any) -> str:
    assert response.status_code == 401, response.text
    return next(iter(read(response.text).all("p", klass="problem"))).text


def roles_of(app: Flask, email: str = EMAIL) -> dict[Any, str]:
    with app.app_context():
        user = users.find_user(email)
        if user is None:
            return {}
        return {one.site_id: one.role for one in db.session.query(Membership).filter_by(user_id=user.id)}


@pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
@ON_BOTH
def test_a_person_of_a_real_provider_signs_in(app: Flask, stranger: Console, site: MadeSite) -> None:
    ann = oidc_provider_mock.User(
        sub="ann", claims={"email": EMAIL, "email_verified": True, "name": "Ann Lee", "groups": ["staff", "chess"]}
    )
    with oidc_provider_mock.run_server_in_thread(user_claims=[ann], require_nonce=True) as server:
        set_up(app, f"http://localhost:{server.server_port}")
        link = stranger.read("sign-in").one("a", klass="strong")
        assert link.text == "Sign in with Shop ID"
        location = start(stranger, link["href"])
        answer = urllib.request.Request(location, data=b"sub=ann", method="POST")
        back = urllib.request.build_opener(NoRedirect).open(answer).headers["Location"]
        assert back.partition("?")[0].endswith(CALLBACK)
        response = finish(stranger, dict(parse_qsl(urlsplit(back).query)))

    assert (response.status_code, response.headers["Location"]) == (303, "/console/")
    assert stranger.get("users").status_code == 200
    assert roles_of(app) == {None: "owner"}
    actions = [(entry.action, entry.actor, entry.target) for entry in entries(app) if entry.actor_kind != "operator"]
    sign_on_name, user = "Single sign-on", f"user {EMAIL}"
    assert actions == [
        ("user.created", sign_on_name, user),
        ("user.linked", sign_on_name, user),
        ("role.changed", sign_on_name, user),
        ("sign_in.succeeded", EMAIL, EMAIL),
    ]
    assert entries(app)[-1].detail == {"method": "single sign-on"}


class NoRedirect(urllib.request.HTTPErrorProcessor):
    """Return a redirect as it is."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response


def test_the_request_to_the_provider(app: Flask, stranger: Console, forger: Forger) -> None:
    set_up(app, forger.issuer)
    location = start(stranger, f"{START}?next=/console/users")
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert location.startswith(f"{forger.issuer}/authorization_endpoint?")
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert query["scope"].split()[0] == "openid"
    assert query["redirect_uri"].endswith(CALLBACK)
    assert min(len(query[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    other = {name: values[0] for name, values in parse_qs(urlsplit(start(Console(app))).query).items()}
    assert all(other[name] != query[name] for name in ("state", "nonce", "code_challenge"))

    response = finish(stranger, forger.authorize(location))

    assert response.headers["Location"] == "/console/users"
    assert forger.authorization.startswith("Basic ")
    assert "client_secret" not in forger.token_request
    cookie = next(value for value in response.headers.getlist("Set-Cookie") if "-sign-on=" in value)
    assert "tilfreds-sign-on=;" in cookie


def test_foreign_pages_are_no_destination(app: Flask, stranger: Console, forger: Forger) -> None:
    set_up(app, forger.issuer)
    response = finish(stranger, forger.authorize(start(stranger, f"{START}?next=https://evil.example/")))
    assert response.headers["Location"] == "/console/"


def test_the_answer_is_bound_to_the_browser(app: Flask, stranger: Console, forger: Forger) -> None:
    """GHSA-fg6f-75jq-6523: Authlib kept the state where every browser could redeem it, which took accounts over."""
    set_up(app, forger.issuer)
    attacker, victim = Console(app), stranger
    stolen = forger.authorize(start(attacker))

    for browser in (victim, Console(app)):
        assert "started in another browser" in problem_of(finish(browser, stolen))
    start(victim)
    assert "started in another browser" in problem_of(finish(victim, stolen))
    assert victim.get("profile").status_code == 401
    assert not [path for path in forger.paths if path == "/token_endpoint"]


def test_another_site_cannot_send_the_answer(app: Flask, stranger: Console, forger: Forger) -> None:
    """The CSRF that Authlib fixed in 1.6.11: a page makes a browser sign in with the attacker's answer."""
    set_up(app, forger.issuer)
    answer = forger.authorize(start(stranger))
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert stranger.client.post(START, data=answer, headers=foreign).status_code == 403
    for state in ("", answer["state"][:-1], answer["state"] + "x", "é", "sign_in."):
        assert "another browser" in problem_of(finish(stranger, {**answer, "state": state}))
        start(stranger)
    cookie = stranger.client.get(START).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie


@ON_BOTH
def test_an_attempt_opens_one_session(app: Flask, forger: Forger) -> None:
    set_up(app, forger.issuer)
    browser = Console(app)
    answer = forger.authorize(start(browser))
    cookie = browser.client.get_cookie("tilfreds-sign-on")
    assert cookie is not None
    assert finish(browser, answer).status_code == 303
    browser.client.set_cookie("tilfreds-sign-on", cookie.value)
    # A provider that accepts a code twice must not open a second session.
    forger.codes[answer["code"]] = {"nonce": "", "code_challenge": ""}
    forger.make_tokens = None
    assert problem_of(finish(browser, answer))
    with app.app_context():
        assert db.session.query(LoginSession).filter_by(is_sign_on=True).count() == 1


def test_a_replayed_attempt_is_refused_even_if_the_provider_accepts_it(app: Flask, forger: Forger) -> None:
    set_up(app, forger.issuer)
    browser = Console(app)
    location = start(browser)
    cookie = browser.client.get_cookie("tilfreds-sign-on")
    assert cookie is not None
    answer = forger.authorize(location)
    assert finish(browser, answer).status_code == 303
    browser.client.set_cookie("tilfreds-sign-on", cookie.value)
    assert "another browser" in problem_of(finish(browser, forger.authorize(location)))


def test_an_attempt_ends_after_ten_minutes(app: Flask, stranger: Console, forger: Forger, clock: SetClock) -> None:
    set_up(app, forger.issuer)
    answer = forger.authorize(start(stranger))
    clock.forward(minutes=11)
    assert "took too long" in problem_of(finish(stranger, answer))


def test_a_provider_that_forges_opens_no_session(
    app: Flask, stranger: Console, forger: Forger, subtests: pytest.Subtests
) -> None:
    stranger_key = jwk.ECKey.generate_key("P-256", {"kid": "k1"})
    forgeries: dict[str, Any] = {
        "another nonce": lambda started: {"id_token": forger.id_token("another")},
        "no nonce": lambda started: {"id_token": forger.id_token("")},
        "another issuer": lambda started: {"id_token": forger.id_token(started["nonce"], iss="https://evil.example")},
        "another audience": lambda started: {"id_token": forger.id_token(started["nonce"], aud="other")},
        "another party": lambda started: {"id_token": forger.id_token(started["nonce"], azp="other")},
        "an old token": lambda started: {"id_token": forger.id_token(started["nonce"], exp=1)},
        "a stranger's key": lambda started: {"id_token": forger.id_token(started["nonce"], stranger_key)},
        "no ID token": lambda started: {"access_token": "a1"},
        "a number": lambda started: {"id_token": 3},
    }
    set_up(app, forger.issuer)
    for name, make_tokens in forgeries.items():
        with subtests.test(forgery=name):
            forger.make_tokens = make_tokens
            assert "does not work at the moment" in problem_of(sign_on(stranger, forger))
    assert stranger.get("profile").status_code == 401
    assert roles_of(app) == {}
    refusals = entries(app, action="sign_in.refused")
    assert len(refusals) == len(forgeries)
    assert refusals[0].detail == {"method": "single sign-on"}


def test_the_issuer_of_the_redirect_is_checked(app: Flask, stranger: Console, forger: Forger) -> None:
    """RFC 9207: an attacker's provider could else send its browser back with a code of this one."""
    set_up(app, forger.issuer)
    assert problem_of(sign_on(stranger, forger, iss="https://evil.example"))
    assert sign_on(stranger, forger, iss=forger.issuer).status_code == 303
    forger.metadata = {"authorization_response_iss_parameter_supported": True}
    set_up(app, forger.issuer)
    assert problem_of(sign_on(Console(app), forger))
    assert sign_on(Console(app), forger, iss=forger.issuer).status_code == 303


def test_no_text_of_the_provider_is_shown(app: Flask, stranger: Console, forger: Forger) -> None:
    set_up(app, forger.issuer)
    state = forger.authorize(start(stranger))["state"]
    text = problem_of(finish(stranger, {"state": state, "error": "<script>alert(1)</script>"}))
    assert text == "Single sign-on does not work at the moment. Sign in with your password, or ask an owner."


def test_new_keys_are_fetched_once_a_minute(
    app: Flask, stranger: Console, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown key id must not cause a request each time."""
    set_up(app, forger.issuer)
    assert sign_on(stranger, forger).status_code == 303
    forger.keys.append(jwk.ECKey.generate_key("P-256", {"kid": "k2"}))
    assert problem_of(sign_on(Console(app), forger))
    monkeypatch.setattr(providers, "REFETCH_SECONDS", 0)
    assert sign_on(Console(app), forger).status_code == 303
    monkeypatch.undo()
    unknown = jwk.ECKey.generate_key("P-256", {"kid": "k3"})
    forger.make_tokens = lambda started: {"id_token": forger.id_token(started["nonce"], unknown)}
    before = forger.paths.count("/jwks_uri")
    for _ in range(3):
        assert problem_of(sign_on(Console(app), forger))
    assert forger.paths.count("/jwks_uri") == before == 2


def test_the_provider_is_the_one_of_the_settings(app: Flask, stranger: Console, forger: Forger) -> None:
    set_up(app, forger.issuer)
    metadata: list[dict[str, Any]] = [
        {"issuer": "https://evil.example"},
        {"issuer": forger.issuer + "/"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ]
    for changed in metadata:
        forger.metadata = changed
        providers.forget_providers()
        assert stranger.client.get(START).status_code == 401, changed
    forger.metadata = {"token_endpoint": "http://127.0.0.2:1/token"}
    providers.forget_providers()
    assert problem_of(sign_on(stranger, forger))


def test_user_information_completes_the_token_and_is_about_the_same_person(
    app: Flask, stranger: Console, forger: Forger
) -> None:
    forger.userinfo, forger.claims = {**forger.claims, "groups": ["staff"]}, {}
    set_up(app, forger.issuer)
    assert sign_on(stranger, forger).status_code == 303
    assert roles_of(app) == {None: "owner"}
    forger.userinfo["sub"] = "subject-2"
    assert problem_of(sign_on(Console(app), forger))


@ON_BOTH
def test_groups_give_roles_at_each_sign_in_and_take_them(app: Flask, site: MadeSite, forger: Forger) -> None:
    rules = (
        GroupRole("support", "analyst", site.id),
        GroupRole("lead", "admin", site.id),
        GroupRole("staff", "owner", None),
    )
    set_up(app, forger.issuer, group_roles=rules)
    browser = Console(app)
    forger.claims["groups"] = ["support", "lead"]
    assert sign_on(browser, forger).status_code == 303
    assert roles_of(app) == {site.id: "admin"}
    assert browser.get(f"{site.key}/conversations").status_code == 200

    forger.claims["groups"] = ["support"]
    assert sign_on(Console(app), forger).status_code == 303
    assert roles_of(app) == {site.id: "analyst"}
    assert browser.get("profile").status_code == 401, "the session with the earlier role has ended"

    forger.claims["groups"] = "staff"
    again = Console(app)
    assert sign_on(again, forger).status_code == 303
    assert roles_of(app) == {None: "owner"}

    forger.claims["groups"] = ["chess"]
    assert "has no role here" in problem_of(sign_on(Console(app), forger))
    assert roles_of(app) == {}
    assert again.get("profile").status_code == 401


@ON_BOTH
def test_roles_of_groups_count_only_after_single_sign_on(
    app: Flask, site: MadeSite, forger: Forger, team: Team
) -> None:
    """A person who has left the company, and whom the provider refuses, must not come back with a password."""
    set_up(app, forger.issuer)
    assert sign_on(Console(app), forger).status_code == 303
    browser = Console(app)
    code = team.new_code()
    assert browser.client.post("/console/set-password", data={"code": code, "password": PASSWORD}).status_code == 303
    assert browser.get("profile").status_code == 200
    assert browser.get("users").status_code == 403
    assert browser.get(f"{site.key}/conversations").status_code == 404


@ON_BOTH
def test_roles_of_an_owner_remain(app: Flask, site: MadeSite, forger: Forger, team: Team) -> None:
    set_up(app, forger.issuer, links_by_email=True, group_roles=(GroupRole("staff", "analyst", site.id),))
    local = team.join(role="admin", site_id=site.id)
    assert sign_on(Console(app), forger).status_code == 303
    assert roles_of(app) == {site.id: "admin"}
    assert local.get("profile").status_code == 200, "nothing has changed, so no session ends"
    forger.claims["groups"] = []
    assert sign_on(Console(app), forger).status_code == 303
    assert roles_of(app) == {site.id: "admin"}
    assert sign_in_with_password(Console(app)).status_code == 303


def test_existing_accounts_are_linked_only_by_a_verified_address(
    app: Flask, forger: Forger, team: Team, subtests: pytest.Subtests
) -> None:
    team.join()
    unverified = (
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email_verified": 1},
    )
    cases = [(False, {}, "not linked"), *((True, claims, "is verified") for claims in unverified)]
    for links_by_email, claims, reason in cases:
        with subtests.test(links_by_email=links_by_email, claims=claims):
            set_up(app, forger.issuer, links_by_email=links_by_email)
            forger.claims = {**forger.claims, "email_verified": True, **claims}
            assert reason in problem_of(sign_on(Console(app), forger))
    del forger.claims["email_verified"]
    assert "is verified" in problem_of(sign_on(Console(app), forger))
    set_up(app, forger.issuer, links_by_email=True, trusts_emails=True)
    assert sign_on(Console(app), forger).status_code == 303
    with app.app_context():
        assert db.session.query(SignOnIdentity).count() == db.session.query(User).count() == 1


def test_a_person_is_known_by_the_subject(app: Flask, forger: Forger) -> None:
    """An address that passes to another person does not bring the account with it."""
    set_up(app, forger.issuer)
    assert sign_on(Console(app), forger).status_code == 303
    forger.claims["sub"] = "subject-2"
    assert "not linked" in problem_of(sign_on(Console(app), forger))
    forger.claims |= {"sub": "subject-1", "email": "ann.lee@shop.example", "email_verified": False}
    renamed = Console(app)
    assert sign_on(renamed, forger).status_code == 303
    assert EMAIL in renamed.get("profile").text


def test_a_disabled_account_stays_out(app: Flask, forger: Forger) -> None:
    set_up(app, forger.issuer)
    assert sign_on(Console(app), forger).status_code == 303
    with app.app_context():
        user = users.find_user(EMAIL)
        assert user is not None
        users.set_disabled(user, True, product_clock.now())
        db.session.commit()
    assert "disabled" in problem_of(sign_on(Console(app), forger))
    assert entries(app, action="sign_in.refused")[-1].target == f"user {EMAIL}"


def test_a_second_factor_is_asked_for(app: Flask, forger: Forger, team: Team) -> None:
    set_up(app, forger.issuer, links_by_email=True)
    phone, _ = add_app(team.join())
    browser = Console(app)
    response = sign_on(browser, forger)
    assert response.headers["Location"] == "/console/sign-in/second-step"
    assert browser.get("profile").status_code == 401
    assert send_code(browser, phone.code(steps_ahead=1)).status_code == 303
    assert entries(app, action="sign_in.succeeded")[-1].detail == {"method": "single sign-on and code"}
    with app.app_context():
        assert db.session.query(LoginSession).filter_by(is_sign_on=True).count() == 1


def test_a_session_of_single_sign_on_ends_after_half_a_day(
    app: Flask, forger: Forger, clock: SetClock, stranger: Console
) -> None:
    set_up(app, forger.issuer)
    assert sign_on(stranger, forger).status_code == 303
    for _ in range(2):
        clock.forward(hours=5)
        assert stranger.get("profile").status_code == 200
    clock.forward(hours=3)
    assert stranger.get("profile").status_code == 401


def test_the_environment_replaces_the_console(app: Flask, stranger: Console, forger: Forger) -> None:
    environment = {
        "oidc_issuer": forger.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_name": "Work",
        "allowed_internal_hosts": (),
    }
    set_up(app, "https://other.example")
    app.config["TILFREDS"] = dataclasses.replace(app.config["TILFREDS"], **environment)
    assert "Sign in with Work" in stranger.get("sign-in").text
    assert sign_on(stranger, forger).status_code == 303
    assert forger.authorization == ""
    app.config["TILFREDS"] = dataclasses.replace(app.config["TILFREDS"], oidc_issuer="", oidc_client_id="")
    set_up(app, forger.issuer)
    assert Console(app).client.get(START).status_code == 401, "an internal host that only the console names"


def test_no_provider_no_button(stranger: Console) -> None:
    assert "Sign in with" not in re.sub("Sign in with a passkey", "", stranger.get("sign-in").text)
    assert stranger.client.get(START).status_code == 404
    assert stranger.client.get(CALLBACK).status_code == 200
    assert stranger.client.post(START, data={"state": "sign_in.x"}).status_code == 401


def save(console: Console, **changes: Any) -> Any:
    """Save the page of single sign-on with these fields; lists are the columns of the groups."""
    fields: dict[str, Any] = {"name": "Shop ID", "issuer": "https://login.example", "client_id": "tilfreds"}
    fields |= {"groups_claim": "groups", "group": ["staff"], "group_role": ["admin"], "group_site": [""], **changes}
    return press(console, find_form(console.read("single-sign-on"), "/single-sign-on"), **fields)


def stored(app: Flask) -> OidcSettings | None:
    with app.app_context():
        return stored_settings(app.config["SECRET_KEYS"])


@ON_BOTH
def test_an_owner_sets_up_the_provider(app: Flask, console: Console, site: MadeSite) -> None:
    columns = {
        "group": ["staff", " ", "lead"],
        "group_role": ["analyst", "owner", "admin"],
        "group_site": ["", "", site.key],
    }
    assert save(console, client_secret=CLIENT_SECRET, links_by_email="yes", **columns).status_code == 303
    settings = stored(app)
    assert settings is not None
    assert (settings.client_secret, settings.links_by_email, settings.trusts_emails) == (CLIENT_SECRET, True, False)
    assert settings.group_roles == (GroupRole("staff", "analyst", None), GroupRole("lead", "admin", site.id))
    page = console.get("single-sign-on").text
    assert CLIENT_SECRET not in page
    assert CALLBACK in page

    assert save(console, name="Work").status_code == 303
    renamed = stored(app)
    assert renamed is not None and renamed.client_secret == CLIENT_SECRET
    assert save(console, issuer="https://other.example").status_code == 303
    moved = stored(app)
    assert moved is not None and moved.client_secret == "", "another provider must not receive the secret"
    assert press(console, find_form(console.read("single-sign-on"), "/remove")).status_code == 303
    assert stored(app) is None

    changes = [entry.detail for entry in entries(app, action="single_sign_on.changed")]
    assert len(changes) == 4
    assert changes[0]["after"]["client_secret"] == "changed"
    assert changes[0]["after"]["group_roles"] == ["staff: analyst at all sites", f"lead: admin at {site.id}"]
    assert (changes[1]["before"]["name"], changes[1]["after"]["name"]) == ("Shop ID", "Work")
    assert CLIENT_SECRET not in str(changes)


def test_wrong_fields_are_explained(app: Flask, console: Console, subtests: pytest.Subtests) -> None:
    wrong: list[dict[str, Any]] = [
        {"issuer": "http://login.example"},
        {"issuer": "login.example"},
        {"issuer": "https://user@login.example"},
        {"issuer": "https://login.example/?a=b"},
        {"issuer": "https://login.example/#a"},
        {"client_id": " "},
        {"client_id": "x" * 501},
        {"name": "a\x01b"},
        {"groups_claim": ""},
        {"group_role": ["king"]},
        {"group_role": []},
        {"group": ["a"] * 201, "group_role": ["admin"] * 201, "group_site": [""] * 201},
    ]
    for fields in wrong:
        with subtests.test(fields=str(fields)[:60]):
            response = save(console, **fields)
            assert response.status_code == 422
            assert read(response.text).one("p", klass="problem").text
    assert save(console, group_site=["unknown"]).status_code == 404
    assert stored(app) is None


def test_the_test_shows_the_claims_and_leaves_the_session(app: Flask, console: Console, forger: Forger) -> None:
    set_up(app, forger.issuer, group_roles=(GroupRole("staff", "admin", None),))
    forger.claims |= {"picture": "<img src=x>", "groups": ["staff", "chess"]}
    session = console.client.get_cookie("tilfreds")
    parameters = forger.authorize(start(console, "/console/single-sign-on/test"))

    response = finish(console, parameters)

    page = read(response.text)
    notice = page.one("section", klass="notice").text
    assert f"would create the account {EMAIL}" in notice.replace("\u2068", "").replace("\u2069", "")
    assert "Admin: All sites" in notice
    claims = {name.text: value.text for name, value in zip(page.all("dt"), page.all("dd"), strict=True)}
    assert (claims["groups"], claims["picture"]) == ("staff, chess", "<img src=x>")
    assert console.client.get_cookie("tilfreds") == session
    assert roles_of(app) == {}
    assert entries(app, action="single_sign_on.tested")[0].detail == {"issuer": forger.issuer, "subject": "subject-1"}

    forger.claims["groups"] = ["chess"]
    page = read(finish(console, forger.authorize(start(console, "/console/single-sign-on/test"))).text)
    assert "their groups give no role" in page.one("section", klass="notice").text
    forger.claims["email_verified"] = False
    page = read(finish(console, forger.authorize(start(console, "/console/single-sign-on/test"))).text)
    assert "does not say that your e-mail address is verified" in page.one("section", klass="notice").text


def test_the_test_names_what_is_wrong(app: Flask, console: Console, forger: Forger) -> None:
    set_up(app, forger.issuer)
    forger.make_tokens = lambda started: {"id_token": forger.id_token(started["nonce"], aud="other")}
    response = finish(console, forger.authorize(start(console, "/console/single-sign-on/test")))
    assert response.status_code == 422
    assert "it is for another application" in read(response.text).one("p", klass="problem").text
    forger.metadata = {"issuer": "https://login.example"}
    providers.forget_providers()
    response = console.client.get("/console/single-sign-on/test")
    assert "calls itself https://login.example" in read(response.text).one("p", klass="problem").text
    with forged_provider() as other:
        set_up(app, other.issuer.replace("localhost", "127.0.0.3"))
    assert "not allowed" in read(console.client.get("/console/single-sign-on/test").text).one("p", klass="problem").text


def test_a_test_signs_no_one_in_and_a_sign_in_is_no_test(app: Flask, console: Console, forger: Forger) -> None:
    """Each answer fits only the page that asked for it."""
    set_up(app, forger.issuer)
    tested = forger.authorize(start(console, "/console/single-sign-on/test"))
    assert console.client.post(START, data=tested).status_code == 401
    signing_in = forger.authorize(start(console))
    assert console.client.post("/console/single-sign-on/test", data=signing_in).status_code == 422
    stranger = Console(app)
    assert stranger.client.post("/console/single-sign-on/test", data=tested).status_code == 401
    assert stranger.client.get("/console/single-sign-on/test").status_code == 401


def test_few_people_wait_for_a_slow_provider(app: Flask, stranger: Console, forger: Forger) -> None:
    """A provider that hangs must not occupy the threads of votes."""
    set_up(app, forger.issuer)
    with contextlib.ExitStack() as stack:
        for _ in range(providers.MAX_WAITING):
            stack.enter_context(providers.provider_slot())
        response = stranger.client.get(START)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert stranger.client.get(START).status_code == 303


def test_a_test_at_the_provider_confirms_nothing(app: Flask, forger: Forger, team: Team, clock: SetClock) -> None:
    """GHSA-f66q-9rf6-8795: Flask-Security took the proof of another account for a recent sign-in of this one."""
    set_up(app, forger.issuer)
    browser = team.join("owner@shop.example")
    clock.forward(minutes=11)
    assert finish(browser, forger.authorize(start(browser, "/console/single-sign-on/test"))).status_code == 200
    response = save(browser, issuer="https://evil.example")
    assert response.status_code == 403
    assert "Confirm your identity" in response.text
    settings = stored(app)
    assert settings is not None and settings.issuer == forger.issuer


def test_a_person_without_a_password_signs_in_again_to_confirm(
    app: Flask, stranger: Console, forger: Forger, clock: SetClock
) -> None:
    set_up(app, forger.issuer)
    assert sign_on(stranger, forger).status_code == 303
    fields = {"issuer": forger.issuer, "client_id": CLIENT_ID, "group_role": ["owner"]}
    assert save(stranger, **fields).status_code == 303
    clock.forward(minutes=11)
    response = save(stranger, **fields, name="Other")
    assert response.status_code == 403
    assert "Your account has no password. Sign out and sign in again" in response.text
    assert sign_on(stranger, forger).status_code == 303
    assert save(stranger, **fields, name="Other").status_code == 303
