"""Tests of sites: they are created, read, changed and removed, and have keys and secrets."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.api.sites.schemas import SiteOut
from widget_server.console.settings.groups import SETTINGS
from widget_server.settings.schemas import SiteChanges
from widget_server.sites.service import CHANGEABLE

SECRETS = ("signing_secret", "api_key")


def test_a_new_site_has_its_secrets_and_its_tag(operator: Api) -> None:
    answer = operator.post("/sites", {"name": "Shop", "allowed_origins": ["https://shop.example"]})

    new_site = answer.get_json()
    assert answer.status_code == 201
    assert new_site["tag"] == f'<script async src="http://localhost/w/{new_site["key"]}.js"></script>'
    assert new_site["signing_secret"].startswith("tfs_k1_") and new_site["api_key"].startswith("tfk_")
    assert Api(operator.client, new_site["api_key"]).get("/site").get_json()["name"] == "Shop"


def test_secrets_are_shown_only_once(operator: Api) -> None:
    new_site = operator.post("/sites", {"name": "Shop"}).get_json()

    site_response = Api(operator.client, new_site["api_key"]).get("/site")
    list_response = operator.get("/sites")

    for secret in SECRETS:
        assert new_site[secret] not in site_response.text + list_response.text


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example"]
)
def test_the_tag_never_contains_the_host_of_the_request(api: Api, host: str) -> None:
    poisoned = api.get("/site", headers={"Host": host})
    forwarded = api.get("/site", headers={"X-Forwarded-Host": host})

    assert poisoned.status_code == 400 and "<script" not in poisoned.text
    assert 'src="http://localhost/w/' in forwarded.get_json()["tag"]


def test_the_api_and_the_console_have_every_setting() -> None:
    assert set(SiteChanges().fields) == set(CHANGEABLE) <= set(SiteOut().fields)
    assert {setting.column for _, setting in SETTINGS} == set(CHANGEABLE)


@ON_BOTH
def test_changed_settings_are_read_back_and_the_others_stay(api: Api) -> None:
    changes = {"name": "Store", "article_share": 0.5, "rules": {"email": {"cooldown_days": 7}}}

    answer = api.patch("/site", changes)

    site = api.get("/site").get_json()
    assert answer.status_code == 200 and answer.get_json() == site
    assert {name: site[name] for name in changes} == changes
    assert site["time_zone"] == "UTC"


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"id": "0192"}, "/id"),
    ({"key": "stolen"}, "/key"),
    ({"site_id": "x"}, "/site_id"),
    ({"version": 1}, "/version"),
    ({"removed_at": None}, "/removed_at"),
    ({"created_at": "2026-01-01T00:00:00Z"}, "/created_at"),
    ({"name": ""}, "/name"),
    ({"name": None}, "/name"),
    ({"time_zone": "Mars/Olympus"}, "/time_zone"),
    ({"time_zone": "../../etc/passwd"}, "/time_zone"),
    ({"languages": []}, "/languages"),
    ({"languages": ["en", "en"]}, "/languages"),
    ({"languages": ["en/../../x"]}, "/languages"),
    ({"allowed_origins": ["https://a.example", "a.example/path"]}, "/allowed_origins/1"),
    ({"agent_origins": ["https://desk.example", "desk.example/path"]}, "/agent_origins/1"),
    ({"agent_origins": ["https://desk.example; script-src *"]}, "/agent_origins/0"),
    ({"agent_origins": ["https://desk.example", "null"]}, "/agent_origins/1"),
    ({"agent_origins": ["file://"]}, "/agent_origins/0"),
    ({"agent_origins": ["app://."]}, "/agent_origins/0"),
    ({"agent_origins": ["http://[::1]:8000"]}, "/agent_origins/0"),
    ({"agent_origins": [f"https://d{number}.example" for number in range(21)]}, "/agent_origins"),
    ({"article_share": 1.5}, "/article_share"),
    ({"article_share": True}, "/article_share"),
    ({"ask_when_unknown": 1}, "/ask_when_unknown"),
    ({"rules": {"fax": {}}}, "/rules/fax"),
    ({"rules": {"chat": {"cooldown_days": 1.0}}}, "/rules/chat/cooldown_days"),
    ({"rules": {"chat": {"patience": 1}}}, "/rules/chat/patience"),
]


def test_a_wrong_setting_is_rejected_and_changes_nothing(api: Api, subtests: pytest.Subtests) -> None:
    before = api.get("/site").get_json()
    for changes, pointer in REJECTED:
        with subtests.test(changes=changes):
            answer = api.patch("/site", {"article_selector": "main", **changes})

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
            assert api.get("/site").get_json() == before


def test_a_site_without_a_name_is_rejected(operator: Api) -> None:
    assert operator.post("/sites", {}).get_json()["pointer"] == "/name"


def test_only_the_operator_creates_sites_and_keys(api: Api, site: MadeSite) -> None:
    for path in ("/sites", f"/sites/{site.key}/api-keys", f"/sites/{site.key}/signing-secrets"):
        assert api.post(path, {"name": "mine"}).status_code == 401


def test_an_operator_token_has_no_site(operator: Api) -> None:
    assert operator.get("/site").status_code == 401


def test_the_key_of_a_removed_site_is_unknown(operator: Api, site: MadeSite, api: Api) -> None:
    removed = operator.call("DELETE", f"/sites/{site.key}")

    assert removed.status_code == 200 and removed.get_json()["removed_at"]
    assert (api.get("/site").status_code, api.get("/site").get_json()["code"]) == (404, "unknown_site")
    assert operator.call("DELETE", f"/sites/{site.key}").status_code == 404


@ON_BOTH
def test_a_removed_site_is_restored_within_seven_days(
    operator: Api, site: MadeSite, api: Api, clock: SetClock, client: FlaskClient
) -> None:
    before, served_file = api.get("/site").get_json(), client.get(f"/w/{site.key}.js").data
    assert operator.post(f"/sites/{site.key}/restore").status_code == 404
    operator.call("DELETE", f"/sites/{site.key}")
    assert client.get(f"/w/{site.key}.js").data == b""
    clock.forward(days=7)
    restored = operator.post(f"/sites/{site.key}/restore")
    assert restored.status_code == 200 and restored.get_json()["removed_at"] is None
    assert (api.get("/site").get_json(), client.get(f"/w/{site.key}.js").data) == (before, served_file)

    operator.call("DELETE", f"/sites/{site.key}")
    clock.forward(days=7, seconds=1)
    late = operator.post(f"/sites/{site.key}/restore")
    assert (late.status_code, late.get_json()["code"]) == (409, "restore_ended")


@ON_BOTH
def test_a_further_signing_secret_gets_the_next_id_and_an_older_one_can_be_retired(
    operator: Api, site: MadeSite
) -> None:
    path = f"/sites/{site.key}/signing-secrets"

    second = operator.post(path).get_json()["signing_secret"]

    assert second.startswith("tfs_k2_")
    assert operator.patch(f"{path}/k2", {"retired": True}).get_json()["pointer"] == "/key_id"
    assert operator.patch(f"{path}/k1", {"retired": True}).status_code == 204
    assert operator.patch(f"{path}/k9", {"retired": True}).status_code == 404


def test_a_key_that_may_read_cannot_write(operator: Api, site: MadeSite) -> None:
    new_key = operator.post(f"/sites/{site.key}/api-keys", {"name": "reports", "scopes": ["read"]}).get_json()
    reader = Api(operator.client, new_key["api_key"])

    assert reader.get("/site").status_code == 200
    response = reader.patch("/site", {"name": "Mine"})
    assert (response.status_code, response.get_json()["code"]) == (403, "scope")


@ON_BOTH
def test_a_revoked_key_is_rejected_and_stays_in_the_list(operator: Api, site: MadeSite) -> None:
    path = f"/sites/{site.key}/api-keys"
    new_key = operator.post(path, {"name": "old"}).get_json()
    key_api = Api(operator.client, new_key["api_key"])
    assert key_api.get("/site").status_code == 200

    assert operator.call("DELETE", f"{path}/{new_key['id']}").status_code == 204

    assert key_api.get("/site").status_code == 401
    api_keys = operator.get(path).get_json()["api_keys"]
    assert [(key["name"], bool(key["revoked_at"])) for key in api_keys] == [("first key", False), ("old", True)]
    assert "api_key" not in api_keys[0]


def test_a_key_of_another_site_is_not_revoked_through_this_one(operator: Api, make: Make, site: MadeSite) -> None:
    other = make.site(name="Other")
    theirs = operator.get(f"/sites/{other.key}/api-keys").get_json()["api_keys"][0]

    assert operator.call("DELETE", f"/sites/{site.key}/api-keys/{theirs['id']}").status_code == 404
    assert Api(operator.client, other.api_key).get("/site").status_code == 200


@pytest.mark.parametrize("scopes", [["admin"], ["read", "read"], [], "read", [1]])
def test_unknown_and_repeated_scopes_are_rejected(operator: Api, site: MadeSite, scopes: object) -> None:
    answer = operator.post(f"/sites/{site.key}/api-keys", {"name": "x", "scopes": scopes})

    assert answer.status_code == 422 and answer.get_json()["pointer"].startswith("/scopes")


def test_a_new_site_may_have_surveys(operator: Api) -> None:
    new_site = operator.post("/sites", {"name": "Shop", "surveys": ["chat_end", "article"]}).get_json()

    surveys = Api(operator.client, new_site["api_key"]).get("/surveys").get_json()["surveys"]
    assert [(survey["placement"], survey["revisions"][0]["look"]) for survey in surveys] == [
        ("chat_end", "faces"),
        ("article", "faces"),
    ]
