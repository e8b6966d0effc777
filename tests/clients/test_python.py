"""Tests of the Python client against a real server, and against one that fails."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from tilfreds_client import Client, Operator, Refused, Unreachable, agent_token, sign

from tests.clients.conftest import StubServer
from tests.factories import ORIGIN, MadeSite
from tests.serve.server import free_port
from tests.serving import Product

ROOT = Path(__file__).parents[2]
CHAT = "order/17 æ?"
SIGN_ARGUMENTS = ("secret", "site_key", "visitor", "expires", "kind", "subject", "role")
TOKEN_ARGUMENTS = ("secret", "site_key", "agent", "conversation", "issued", "expires")
pytestmark = pytest.mark.server


def vectors(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((ROOT / "docs" / "reference" / name).read_text("utf-8"))
    assert len(entries) > 2
    return entries


@pytest.fixture
def client(product: Product, site: MadeSite) -> Client:
    return Client(product.url, site.api_key)


def test_signatures_match_the_published_vectors(subtests: pytest.Subtests) -> None:
    for vector in vectors("signing-vectors.json"):
        with subtests.test(vector["name"]):
            expected = {
                "visitor": vector["visitor"],
                "signature": vector["signature"],
                "expires": str(vector["expires"]),
            }
            assert sign(**{name: vector[name] for name in SIGN_ARGUMENTS}) == expected


def test_agent_tokens_match_the_published_vectors(subtests: pytest.Subtests) -> None:
    for vector in vectors("agent-token-vectors.json"):
        with subtests.test(vector["name"]):
            assert agent_token(**{name: vector[name] for name in TOKEN_ARGUMENTS}) == vector["token"]


@pytest.mark.parametrize("secret", ["", "tfk_k1_AAEC", "tfs_k1", "tfs_k1_A"])
def test_a_malformed_secret_is_rejected(secret: str) -> None:
    with pytest.raises(ValueError, match="Signing secret must have the form"):
        sign(secret, "key", "ann")


def test_a_token_of_an_hour_is_rejected_without_a_call(site: MadeSite) -> None:
    with pytest.raises(ValueError, match="15 minutes"):
        agent_token(site.signing_secret, site.key, "sam", issued=1_000_000, expires=1_003_600)


def talk(client: Client, conversation: str, visitor: str = "ann") -> None:
    """Create a conversation with a message of the visitor and one of an agent."""
    client.put_agent("sam", name="Sam", team="North")
    client.put_conversation(
        conversation, visitor=visitor, custom_fields={"plan": "gold"}, queued_at=datetime.now(UTC) - timedelta(hours=1)
    )
    client.add_messages(
        conversation,
        [
            {"external_id": "m1", "author": "visitor", "text": "Where is it?"},
            {"external_id": "m2", "author": "agent", "agent": "sam", "text": "It comes tomorrow.", "sent_at": None},
        ],
    )


def test_a_message_is_edited_and_removed(client: Client) -> None:
    talk(client, "edited")
    edited = client.edit_message("edited", "m1", text="Where is my parcel?")
    removed = client.remove_message("edited", "m2")
    assert (edited["edited_at"] is None, edited["removed_at"], removed["removed_at"] is None) == (False, None, False)
    messages = client.conversation("edited")["segments"][0]["messages"]
    assert [message["text"] for message in messages] == ["Where is my parcel?", ""]


def test_old_conversations_are_imported(client: Client) -> None:
    rating = {"scale": "thumbs", "score": 2}
    chat = {"external_id": "imported", "ends": [{"ended_at": "2019-05-06T11:00:00Z", "rating": rating}]}
    result = client.import_conversations([chat, {}])
    assert [counts["ratings"] for counts in result["imported"]] == [1]
    assert [problem["pointer"] for problem in result["rejected"]] == ["/external_id"]


def press(product: Product, site: MadeSite, conversation: str, visitor: str, number: int) -> None:
    """Vote as the visitor's page does, with the signature of the back end."""

    def post(call: str, body: dict[str, Any]) -> dict[str, Any]:
        request = Request(f"{product.url}/w/{site.key}/{call}", json.dumps(body).encode(), {"Origin": ORIGIN})
        with urlopen(request) as response:
            response_body: dict[str, Any] = json.loads(response.read())
            return response_body

    attributes: dict[str, Any] = sign(site.signing_secret, site.key, visitor)
    identity = {**attributes, "expires": int(attributes["expires"])}
    invitation = post("ended", {"conversation": conversation, **identity, "revisions": []})
    assert invitation["asked"]
    answer = {"id": f"{number:022}", "rev": 1, "age_ms": 0, "score": 3}
    post("votes", {"token": invitation["token"], "revision": invitation["revision"], **answer})


def test_a_chat_from_its_start_to_its_vote(client: Client, product: Product, site: MadeSite) -> None:
    talk(client, CHAT)
    assert list(client.votes()) == []
    assert client.end(CHAT, closer="sam") == client.end(CHAT, closer="sam")
    press(product, site, CHAT, "ann", 1)
    (segment,) = client.conversation(CHAT)["segments"]
    assert (segment["status"], segment["pin"], segment["agents"]) == ("rated", "m2", ["Sam"])
    assert segment["rating"] and segment["rating"]["answer"] and segment["rating"]["answer"]["sentiment"] == "positive"
    assert [message["external_id"] for message in client.messages(CHAT)] == ["m2", "m1"]
    (invitation,) = client.invitations(CHAT)
    assert (invitation["status"], invitation["context"]["visitor"]) == ("voted", "ann")
    (vote,) = client.votes(agent="sam", verified=True, since=datetime.now(UTC) - timedelta(minutes=5))
    assert (vote["subject"], vote["visitor"], vote["verified"]) == (CHAT, "ann", True)
    assert client.vote(vote["id"])["id"] == vote["id"]
    assert list(client.votes(verified=False)) == []


def test_votes_are_listed_across_pages(client: Client, product: Product, site: MadeSite) -> None:
    for number in range(5):
        talk(client, f"c{number}", f"visitor{number}")
        client.end(f"c{number}")
        press(product, site, f"c{number}", f"visitor{number}", number)
    assert [vote["subject"] for vote in client.votes(limit=2)] == ["c4", "c3", "c2", "c1", "c0"]


def test_the_back_end_can_end_a_chat_without_asking(client: Client) -> None:
    talk(client, "quiet")
    decision = client.end("quiet", ask=False, closer="sam", note="a duplicate")
    assert (decision["asked"], decision["status"]) == (False, "not_asked")
    assert decision["reason_text"] == client.invitations("quiet")[0]["reason_text"]
    assert decision["reason_text"] == "closed without asking by Sam: a duplicate"
    assert client.ask("quiet", agent="sam")["asked"] is True


@pytest.mark.parametrize("issuer", ["library", "server"])
def test_an_agent_token_opens_the_agents_conversation(
    client: Client, product: Product, site: MadeSite, issuer: str
) -> None:
    talk(client, "desk")
    local_token = agent_token(site.signing_secret, site.key, "sam", conversation="desk")
    token = local_token if issuer == "library" else client.agent_token("sam", "desk")["token"]
    request = Request(f"{product.url}/agent/ratings?conversation=desk", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request) as response:
        assert [segment["status"] for segment in json.loads(response.read())["ratings"]] == ["open"]
    client.revoke_agent("sam")
    response = product.client.get("/agent/ratings?conversation=desk", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


def test_a_visitor_is_invited_without_a_conversation(client: Client) -> None:
    client.put_agent("sam", name="Sam")
    invitation = client.invite("call/8 æ", channel="phone", visitor="ann", agents=["sam"])
    assert client.invite("call/8 æ")["token"] == invitation["token"]
    assert (client.invitation("call/8 æ")["status"], invitation["asks"]["lowest"]) == ("asked", 1)


def test_a_vote_is_excluded_and_restored(client: Client, product: Product, site: MadeSite) -> None:
    talk(client, "excluded")
    client.end("excluded")
    press(product, site, "excluded", "ann", 7)
    (vote,) = client.votes()
    assert client.exclude(vote["id"], "a test", by="Ruth")["status"] == "excluded"
    assert client.restore(vote["id"])["status"] == "counted"
    assert [entry["answer"] for entry in client.vote_history(vote["id"])] == [vote["answer"]]
    assert client.erase_words(vote["id"], by="Ruth")["erased_at"]


def test_a_visitor_is_erased(client: Client) -> None:
    talk(client, "gone")
    assert client.export_visitor("ann")["visitor"]["external_id"] == "ann"
    assert client.erase_visitor("ann") == {"conversations": 1}


def test_a_conversation_is_erased(client: Client) -> None:
    talk(client, "private")
    client.erase_conversation("private")
    with pytest.raises(Refused):
        client.conversation("private")


def test_an_operator_manages_people_and_keys(product: Product, site: MadeSite) -> None:
    operator = Operator(product.url, product.make.operator().key)
    user = operator.invite_user("python@shop.example", "analyst", site=site.key)
    assert user["link"].startswith(product.url) and user["id"] in [one["id"] for one in operator.users()]
    team = operator.create_team("Python")
    operator.set_team_role(team["id"], "admin", site=site.key)
    assert [one["email"] for one in operator.add_member(team["id"], user["id"])["members"]] == ["python@shop.example"]
    assert operator.set_role(user["id"], None, site=site.key)["memberships"] == []
    assert operator.change_user(user["id"], may_create_sites=True)["may_create_sites"] is True
    assert operator.password_link(user["id"])["link"]
    operator.end_sessions(user["id"])
    assert operator.sessions(user["id"]) == []

    key = operator.create_api_key(site.key, "audit", scopes=["audit"])
    new_key = operator.rotate_api_key(site.key, key["id"], overlap_hours=0)
    actions = [entry["action"] for entry in Client(product.url, new_key["api_key"]).audit(limit=2)]
    assert actions[-3:] == ["api_key.created", "api_key.created", "api_key.revoked"]
    operator.revoke_api_key(site.key, new_key["id"])
    assert all(one["revoked_at"] for one in operator.api_keys(site.key) if one["name"] == "audit")
    assert [one["key_id"] for one in operator.signing_secrets(site.key)] == ["k1"]
    assert "team Python" in [entry["target"] for entry in operator.audit()]
    assert operator.remove_member(team["id"], user["id"])["members"] == []
    operator.remove_team(team["id"])
    assert team["id"] not in [one["id"] for one in operator.teams()]


def test_a_rejection_names_the_field_and_the_reason(client: Client, product: Product) -> None:
    with pytest.raises(Refused) as wrong:
        client.put_conversation("c", channel="pigeon")
    assert (wrong.value.status, wrong.value.code, wrong.value.pointer) == (422, "invalid", "/channel")
    assert wrong.value.detail in str(wrong.value)
    with pytest.raises(Refused) as missing:
        client.conversation("nowhere")
    assert (missing.value.status, missing.value.code) == (404, "not_found")
    with pytest.raises(Refused) as stranger:
        Client(product.url, "tfk_unknown").conversation("c")
    assert stranger.value.status == 401


def test_a_naive_datetime_is_rejected_without_a_call(client: Client) -> None:
    with pytest.raises(ValueError, match="time zone"):
        client.put_conversation("c", queued_at=datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        list(client.votes(since=datetime(2026, 3, 1)))  # noqa: DTZ001


def test_a_temporary_failure_is_tried_again(stub: StubServer) -> None:
    stub.problem(503, "unavailable", Retry_After="0")
    stub.problem(429, "too_many", Retry_After="0")
    stub.page(200, b'{"segment": 1}')
    assert dict(Client(stub.url, "tfk_x").end("c")) == {"segment": 1}
    assert stub.calls == ["POST /api/v1/conversations/c/end"] * 3


def test_a_permanent_failure_is_not_tried_again(stub: StubServer) -> None:
    stub.problem(422, "invalid")
    with pytest.raises(Refused, match="422 invalid: Later"):
        Client(stub.url, "tfk_x").end("c")
    assert len(stub.calls) == 1


def test_a_long_wait_fails_at_once(stub: StubServer) -> None:
    stub.problem(429, "too_many", Retry_After="60")
    with pytest.raises(Refused) as refused:
        Client(stub.url, "tfk_x").end("c")
    assert refused.value.retry_after == 60
    assert len(stub.calls) == 1


def test_the_last_try_raises_its_response(stub: StubServer) -> None:
    stub.problem(503, "unavailable", Retry_After="0")
    with pytest.raises(Refused, match="503"):
        Client(stub.url, "tfk_x", tries=2).end("c")
    assert len(stub.calls) == 2


def test_a_page_of_a_proxy_is_an_error(stub: StubServer) -> None:
    stub.page(404, b"<html>nothing here</html>")
    with pytest.raises(Refused, match="404 unknown: The response has no problem document"):
        Client(stub.url, "tfk_x").end("c")


def test_a_redirect_is_not_followed(stub: StubServer) -> None:
    stub.answers.append((302, {"Location": f"{stub.url}/elsewhere"}, b""))
    with pytest.raises(Refused, match="302"):
        Client(stub.url, "tfk_x").conversation("c")
    assert stub.calls == ["GET /api/v1/conversations/c"]


def test_a_missing_server_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no response"):
        Client(f"http://127.0.0.1:{free_port()}", "tfk_x", tries=2).end("c")


def test_an_address_without_a_scheme_is_rejected() -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client("tilfreds.example", "tfk_x")


def test_the_package_has_its_types_and_no_dependencies(tmp_path: Path) -> None:
    """Build the wheel from a copy, as a packager does."""
    source = tmp_path / "source"
    copy = [sys.executable, "-c", "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2])"]
    subprocess.run([*copy, str(ROOT / "clients" / "python"), str(source)], check=True)
    build = [sys.executable, "-P", "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(source)]
    process = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout[-2000:] + process.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "tilfreds_client/py.typed" in names
    assert "Requires-Dist" not in metadata
