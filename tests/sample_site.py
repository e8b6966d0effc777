"""A site with one of everything and every route of the URL map, for the tests that call all routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.factories import MadeSite, Make
from tests.widget.conftest import Page, press_id
from widget_server.accounts.service import create_api_key
from widget_server.accounts.sessions import SESSION_LIFETIME, list_sessions, open_login_session
from widget_server.accounts.teams import create_team
from widget_server.accounts.users import create_user
from widget_server.core import tokens
from widget_server.ratings.surge_models import Surge
from widget_server.storage.db import db
from widget_server.subjects.service import ensure_subject

#: The smallest valid body of each call, by the name of its view.
BODIES: dict[str, dict[str, Any]] = {
    "sites.patch_site": {},
    "sites.post_site": {"name": "New"},
    "secrets.patch_signing_secret": {"retired": True},
    "secrets.post_rotate": {},
    "secrets.post_api_key": {"name": "key"},
    "users.post_user": {"email": "new@shop.example", "role": "admin"},
    "users.patch_user": {},
    "users.put_role": {"role": "admin"},
    "teams.post_team": {"name": "Support"},
    "teams.put_role": {"role": "admin"},
    "surveys.post_survey": {"name": "new", "placement": "article"},
    "surveys.patch_survey": {},
    "surveys.post_revision": {},
    "agents.put": {},
    "conversations.put": {},
    "invitations.put": {},
    "messages.post_messages": {"external_id": "m9", "author": "bot", "text": ""},
    "messages.patch_message": {},
    "messages.post_ask": {},
    "imports.post_import": {"conversations": [{"external_id": "i1"}]},
    "messages.post_end": {},
    "votes.post_restore": {},
    "votes.post_exclude": {"reason": "a test"},
    "votes.post_erase": {},
    "surges.post_exclude": {},
    "surges.post_keep": {},
    "conversations.post_merge": {"into": "c2"},
    "people.post_merge": {"into": "carl"},
    "people.post_agent_token": {"agent": "a1"},
    "end_chat": {"revisions": []},
    "poll_chat": {"revisions": []},
    "describe_data": {},
    "record_impression": {"kind": "article", "subject": "/a"},
    "record_dismissal": {"kind": "article", "subject": "/a"},
    "receive_findings": {"token": "tfc_x"},
    "receive_vote": {"kind": "article", "subject": "/a", "rev": 1, "score": 3},
}


NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@dataclass(frozen=True)
class SampleSite:
    """A site with one of everything and its callers: each is a bearer token, a cookie, or nothing."""

    client: FlaskClient
    site: MadeSite
    #: Values of the variables in addresses, for the resources of this site.
    own: dict[str, str]
    bearers: dict[str, str]
    cookie: str
    revision: str

    def call(self, rule: Rule, method: str, values: dict[str, str], caller: str | None, **options: Any) -> Any:
        """Send a request as `caller`: a name of `bearers`, "console", "page", or None."""
        headers = dict(options.pop("headers", {}))
        self.client.delete_cookie("tilfreds")
        if caller in self.bearers:
            headers["Authorization"] = f"Bearer {self.bearers[caller]}"
        elif caller == "console":
            self.client.set_cookie("tilfreds", self.cookie)
        path = options.pop("path", address(rule, values))
        return self.client.open(path, method=method, headers=headers, **options)

    def body(self, endpoint: str) -> dict[str, Any]:
        body = dict(BODIES.get(endpoint, {}))
        if endpoint in ("end_chat", "poll_chat"):
            body |= {"browser": press_id()}
        if endpoint == "describe_data":
            body |= {"vote": self.own["vote_id"], "id": self.own["press"]}
        if endpoint == "receive_vote":
            body |= {"id": press_id(), "revision": self.revision}
        return body


def address(rule: Rule, values: dict[str, str]) -> str:
    """Return the path of a rule with its variables filled in."""
    path = str(rule)
    for name in rule.arguments:
        value = values.get(f"{rule.endpoint}.{name}") or values[name]
        path = re.sub(rf"<(\w+:)?{name}>", value, path)
    return path


def build(app: Flask, client: FlaskClient, api: Api, make: Make, site: MadeSite) -> SampleSite:
    """Make a site with a rated conversation, both surveys, keys and a signed-in person; and another site."""
    survey = make.survey(site)
    article = make.survey(site, "article")
    api.put("/agents/a1", {"name": "Sam"})
    page = Page(client, site.key, str(survey.revision))
    chat = Chat(api, "c1")
    chat.put(visitor="ann", browser=tokens.digest(page.browser))
    chat.write("visitor")
    chat.write("agent", agent="a1")
    chat.end()
    press = press_id()
    vote = page.vote(page.end().get_json()["token"], 3, id=press).get_json()["vote"]
    for conversation, visitor in (("c2", "bob"), ("c3", "carl")):
        api.put(f"/conversations/{conversation}", {"visitor": visitor})
    bearers = {"api_key": site.api_key, "operator": make.operator().key}
    bearers["agent"] = api.post("/agent-tokens", {"agent": "a1"}).get_json()["token"]
    with app.app_context():
        _, bearers["reader"] = create_api_key(site.id, "reader", ["read"], created_by="Operator")
        cookie = open_login_session(datetime.now(UTC), link_hash="x" * 64)
        user = create_user("ann@shop.example", "Ann", "owner", None)
        team = create_team("North", datetime.now(UTC))
        open_login_session(datetime.now(UTC), user_id=user.id)
        db.session.commit()
        [session] = list_sessions(user.id, datetime.now(UTC), SESSION_LIFETIME)
    bearers["stranger"] = make.site(name="Other").api_key
    listed = make.operator().get(f"/sites/{site.key}/api-keys")
    own = {
        "key": site.key,
        "key_id": listed.get_json()["api_keys"][0]["id"],
        "secrets.patch_signing_secret.key_id": "k1",
        "secret_id": "k1",
        "survey_id": str(survey.id),
        "vote_id": vote,
        "press": press,
        "agent_id": api.get("/agents").get_json()["agents"][0]["id"],
        "external_id": "c1",
        "message_id": "m1",
        "people.post_erase.external_id": "ann",
        "people.post_merge.external_id": "bob",
        "conversations.post_merge.external_id": "c3",
        "agents.put.external_id": "a1",
        "agents.post_revoke.external_id": "a1",
        "conversation": chat.read()["id"],
        "name": "later.js",
        "code": "da",
        "version": "0",
        "user_id": str(user.id),
        "team_id": str(team.id),
        "session_id": str(session.id),
        "delivery_id": "01890000-0000-7000-8000-000000000000",
        "factor_id": "01890000-0000-7000-8000-000000000000",
        "check_id": "01890000-0000-7000-8000-000000000000",
        "surge_id": make_surge(app, site),
        "token": "none",
        "rest": "nowhere",
    }
    return SampleSite(client, site, own, bearers, cookie, str(article.revision))


def make_surge(app: Flask, site: MadeSite) -> str:
    """Store a surge without votes, and return its id."""
    with app.app_context():
        subject_id = ensure_subject(db.session, site.id, "article", "/surge", NOON)
        surge = Surge(site_id=site.id, subject_id=subject_id, started_at=NOON, ended_at=NOON, max_votes=50)
        db.session.add(surge)
        db.session.commit()
        return str(surge.id)


#: The same variables for resources that no site has.
MISSING = {
    "survey_id": "01890000-0000-7000-8000-000000000000",
    "surge_id": "01890000-0000-7000-8000-000000000000",
    "vote_id": "01890000-0000-7000-8000-000000000000",
    "external_id": "missing",
    "message_id": "missing",
    "people.post_erase.external_id": "missing",
}


def calls(app: Flask) -> Iterator[tuple[Rule, str, str, str]]:
    """Yield (rule, method, caller, access) of every route."""
    for rule in app.url_map.iter_rules():
        who, access = vars(app.view_functions[rule.endpoint])["access_policy"]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, who, access
