"""The ratings that a token opens for an agent's page, without the visitor's secrets."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import Chat
from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.skip import skip_missing
from tests.widget.conftest import Page, press_id
from widget_server.core import clock as product_clock
from widget_server.core import tokens
from widget_server.sites.agent_tokens import AgentClaims

DOCS = Path(__file__).parents[2] / "docs" / "reference"
VECTORS = json.loads((DOCS / "agent-token-vectors.json").read_text("utf-8"))
#: For each program of the page: its interpreter, and code that prints a token per vector.
READERS = {
    "agent_token.py": (
        "python3",
        "import json, sys\nfor v in json.load(sys.stdin):\n    print(agent_token(v['secret'], v['site_key'],"
        " v['agent'], v['issued'], v['expires'], v['conversation']))\n",
    ),
    "agent_token.mjs": (
        "node",
        'import { readFileSync } from "node:fs";\nfor (const v of JSON.parse(readFileSync(0, "utf8")))'
        " console.log(agentToken({ ...v, siteKey: v.site_key }));\n",
    ),
    "agent_token.php": (
        "php",
        "foreach (json_decode(file_get_contents('php://stdin'), true) as $v) {\n    echo agent_token($v['secret'],"
        " $v['site_key'], $v['agent'], $v['issued'], $v['expires'], $v['conversation']), \"\\n\";\n}\n",
    ),
}


def signed(site: MadeSite, agent: str = "a1", conversation: str = "c1", seconds: int = 900, ago: int = 0) -> str:
    """Return a token as the site's back end makes it."""
    issued = int(product_clock.now().timestamp()) - ago
    claims = AgentClaims(site.key, agent, conversation, issued, issued + seconds)
    _, key_id, key = site.signing_secret.split("_", 2)
    body = json.dumps(vars(claims)).encode()
    return f"tfa_{tokens.b64(body)}.{tokens.sign_fields(tokens.unb64(key), key_id, claims.fields)}"


def read(client: FlaskClient, token: str | None, conversation: str = "c1", **headers: str) -> Any:
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get("/agent/ratings", query_string={"conversation": conversation}, headers=authorization | headers)


@pytest.fixture
def agent(api: Api) -> str:
    api.put("/agents/a1", {"name": "Sam"})
    return "a1"


@pytest.fixture
def rated(client: FlaskClient, site: MadeSite, make: Make, chat: Chat, agent: str) -> list[str]:
    """Make a conversation with a negative rating, and return the visitor's secrets."""
    page = Page(client, site.key, str(make.survey(site).revision))
    chat.put(browser=tokens.digest(page.browser))
    chat.write("agent", "Anything else?", agent=agent)
    chat.end()
    token, press = page.end().get_json()["token"], press_id()
    page.vote(token, 1, id=press, comment="Still waiting")
    return [token, press, tokens.digest(press), page.browser, tokens.digest(page.browser), site.signing_secret]


@pytest.mark.parametrize("maker", ["back end", "api"])
def test_a_rating_is_read_by_its_message_and_holds_nothing_of_the_visitors_side(
    client: FlaskClient, site: MadeSite, api: Api, rated: list[str], maker: str
) -> None:
    api_token = api.post("/agent-tokens", {"agent": "a1", "conversation": "c1"}).get_json()["token"]

    answer = read(client, signed(site) if maker == "back end" else api_token)

    (segment,) = answer.get_json()["ratings"]
    assert (segment["message"], segment["status"], segment["comment"]) == ("m3", "rated", "Still waiting")
    assert segment["answer"]["sentiment"] == "negative"
    everything = answer.get_data(as_text=True) + str(answer.headers)
    assert [secret for secret in rated if secret in everything] == []
    again = read(client, api_token, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@ON_BOTH
def test_it_names_the_agents_who_share_it_and_the_person_who_excluded_it(
    client: FlaskClient, site: MadeSite, make: Make, chat: Chat, api: Api, agent: str
) -> None:
    page = Page(client, site.key, str(make.survey(site).revision))
    chat.put(browser=tokens.digest(page.browser))
    for external_id, name in ((agent, "Sam"), ("a2", "Kim")):
        done(api.put(f"/agents/{external_id}", {"name": name}))
        chat.write("agent", "Anything else?", agent=external_id)
    chat.end()
    done(page.vote(page.end().get_json()["token"], 1))
    vote = done(api.get("/votes"))["votes"][0]["id"]
    done(api.post(f"/votes/{vote}/exclude", {"reason": "a test", "by": "Ruth"}))

    (segment,) = read(client, signed(site)).get_json()["ratings"]

    assert sorted(segment["credited"]) == ["Kim", "Sam"]
    assert segment["notes"] == [f"shared by {', '.join(segment['credited'])}"]
    assert (segment["counted"], segment["excluded"]["by"], segment["excluded"]["reason"]) == (False, "Ruth", "a test")


@ON_BOTH
def test_the_message_of_a_rating_is_shortened(client: FlaskClient, site: MadeSite, chat: Chat, agent: str) -> None:
    chat.put()
    chat.write("visitor", "Hello")
    chat.write("agent", "It is\non its way. " + "x" * 200, agent=agent)

    (segment,) = read(client, signed(site)).get_json()["ratings"]

    excerpt = segment["excerpt"]
    assert (excerpt["author"], excerpt["name"], segment["status"]) == ("agent", "Sam", "open")
    assert excerpt["text"] == "It is on its way. " + "x" * 122 + "…"


def test_a_token_opens_no_more_than_it_names(client: FlaskClient, site: MadeSite, api: Api, rated: list[str]) -> None:
    Chat(api, "c2").put()
    api.put("/agents/a2", {"name": "Kim"})

    assert read(client, signed(site), "c2").status_code == 404
    assert read(client, signed(site, conversation="")).status_code == 200
    assert read(client, signed(site, conversation=""), "c2").status_code == 404
    assert read(client, signed(site, agent="a2", conversation="")).status_code == 404
    assert read(client, signed(site, agent="a2")).status_code == 200
    assert read(client, signed(site), "").get_json()["pointer"] == "/conversation"


@ON_BOTH
def test_a_token_made_by_api_opens_no_more_than_it_names(client: FlaskClient, api: Api, rated: list[str]) -> None:
    def make_token(agent: str, **more: str) -> str:
        token: str = api.post("/agent-tokens", {"agent": agent, **more}).get_json()["token"]
        return token

    Chat(api, "c2").put()
    api.put("/agents/a2", {"name": "Kim"})
    statuses = {
        (agent, bound, conversation): read(
            client, make_token(agent, **({"conversation": bound} if bound else {})), conversation
        ).status_code
        for agent in ("a1", "a2")
        for bound in ("c1", "c2", "")
        for conversation in ("c1", "c2")
    }
    # A token opens the conversation that it names for any agent; without one, those in which its agent wrote.
    assert {key for key, status in statuses.items() if status == 200} == {
        ("a1", "c1", "c1"),
        ("a1", "c2", "c2"),
        ("a1", "", "c1"),
        ("a2", "c1", "c1"),
        ("a2", "c2", "c2"),
    }
    assert set(statuses.values()) == {200, 404}


@pytest.mark.parametrize("maker", ["back end", "api"])
def test_a_revoked_agents_tokens_are_not_renewed_however_fresh(
    client: FlaskClient, site: MadeSite, api: Api, clock: SetClock, rated: list[str], maker: str
) -> None:
    token = signed(site) if maker == "back end" else api.post("/agent-tokens", {"agent": "a1"}).get_json()["token"]
    clock.forward(minutes=11)
    fresh = read(client, token).headers["Tilfreds-Token"]
    clock.forward(minutes=11)
    newest = read(client, fresh).headers["Tilfreds-Token"]
    api.post("/agents/a1/revoke", {})
    clock.forward(minutes=11)

    for old in (fresh, newest):
        answer = read(client, old)
        assert answer.status_code == 401 and "Tilfreds-Token" not in answer.headers
    assert read(client, newest).get_json()["code"] == "signed_out"


def test_an_invalid_token_opens_nothing(
    client: FlaskClient, site: MadeSite, api: Api, make: Make, rated: list[str]
) -> None:
    good = signed(site)
    altered = good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1]
    other = signed(MadeSite(site.id, site.key, make.site(name="Other").signing_secret, site.api_key))
    refused = {
        "none": None,
        "altered": altered,
        "no text": "tfa_!!.1.k1.x",
        "half a letter": f"tfa_{tokens.b64(json.dumps({'site': chr(0xD800)}).encode())}.1.k1.x",
        "another site's": other,
        "too long": signed(site, seconds=901),
        "over": signed(site, seconds=60, ago=61),
        "of the future": signed(site, ago=-120),
        "nobody's": signed(site, agent="nobody"),
        "for nothing": signed(site, conversation="none"),
        "an api key": site.api_key,
        "the vote's": rated[0],
    }
    for name, token in refused.items():
        answer = read(client, token, Origin="https://desk.example")
        assert (answer.status_code, name) == (401, name)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example"


@ON_BOTH
def test_a_revoked_agents_tokens_open_nothing_and_later_ones_do(
    client: FlaskClient, site: MadeSite, api: Api, clock: SetClock, rated: list[str]
) -> None:
    old = signed(site)
    api.post("/agents/a1/revoke", {})
    assert read(client, old).get_json()["code"] == "signed_out"
    # The back end's clock may be a minute ahead, so its tokens of the first minute may be older than they say.
    clock.forward(seconds=61)
    assert read(client, signed(site)).status_code == 200


def test_a_token_is_renewed_until_twelve_hours_after_the_back_end_issued_the_first(
    client: FlaskClient, site: MadeSite, clock: SetClock, rated: list[str]
) -> None:
    start = clock.now()
    token = read(client, signed(site)).headers["Tilfreds-Token"]
    assert "Tilfreds-Token" not in read(client, token).headers
    while True:
        clock.forward(minutes=11)
        answer = read(client, token)
        if "Tilfreds-Token" not in answer.headers:
            break
        token = answer.headers["Tilfreds-Token"]
    clock.forward(minutes=15)
    assert read(client, token).get_json()["code"] == "expired"
    assert timedelta(hours=12) <= clock.now() - start <= timedelta(hours=12, minutes=26)


@pytest.mark.parametrize("file", READERS)
def test_the_programs_of_the_page_make_the_published_tokens(file: str, tmp_path: Path) -> None:
    program, reader = READERS[file]
    if shutil.which(program) is None:
        skip_missing(f"{program} is not installed.")
    text = (DOCS.parent / "guides" / "agents.md").read_text("utf-8")
    code_block = re.search(rf"^```\w+ {re.escape(file)}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert code_block
    (tmp_path / file).write_text(code_block[1] + "\n" + reader, "utf-8")

    process = subprocess.run(
        [program, str(tmp_path / file)], input=json.dumps(VECTORS), capture_output=True, text=True, timeout=60
    )

    assert process.stdout.split() == [vector["token"] for vector in VECTORS], process.stderr


def test_the_published_tokens_are_what_the_server_takes(app: Flask) -> None:
    for vector in VECTORS:
        names = ("agent", "conversation", "issued", "expires")
        claims = AgentClaims(vector["site_key"], *(vector[name] for name in names))
        _, key_id, key = vector["secret"].split("_", 2)
        assert tokens.length_prefixed(claims.fields).hex() == vector["signed_hex"]
        assert vector["token"].endswith("." + tokens.sign_fields(tokens.unb64(key), key_id, claims.fields))


def test_a_revocation_covers_tokens_of_a_clock_that_is_ahead(
    client: FlaskClient, api: Api, site: MadeSite, rated: list[str], clock: SetClock
) -> None:
    signed_token = signed(site, ago=-50)
    exchanged = read(client, signed_token).headers["Tilfreds-Token"]
    unused = signed(site, ago=-49)
    clock.forward(seconds=2)
    assert api.post("/agents/a1/revoke").status_code == 200
    for seconds in (1, 60):
        clock.forward(seconds=seconds)
        for token in (signed_token, exchanged, unused):
            assert read(client, token).status_code == 401
    clock.forward(seconds=60)
    assert read(client, signed(site, ago=-50)).status_code == 200


def test_a_retired_secret_ends_the_tokens_that_were_exchanged_for_its_own(
    client: FlaskClient, site: MadeSite, make: Make, rated: list[str]
) -> None:
    exchanged = read(client, signed(site)).headers["Tilfreds-Token"]
    assert read(client, exchanged).status_code == 200
    operator = make.operator()
    assert operator.post(f"/sites/{site.key}/signing-secrets").status_code == 201
    assert read(client, exchanged).status_code == 200
    assert operator.patch(f"/sites/{site.key}/signing-secrets/k1", {"retired": True}).status_code == 204
    refused = read(client, exchanged)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "signed_out")


def test_a_revoked_api_key_ends_the_tokens_that_it_created(
    client: FlaskClient, api: Api, site: MadeSite, make: Make, rated: list[str]
) -> None:
    operator = make.operator()
    key = operator.post(f"/sites/{site.key}/api-keys", {"name": "helpdesk"}).get_json()
    token = Api(client, key["api_key"]).post("/agent-tokens", {"agent": "a1"}).get_json()["token"]
    assert read(client, token).status_code == 200
    assert operator.delete(f"/sites/{site.key}/api-keys/{key['id']}").status_code == 204
    assert read(client, token).status_code == 401
