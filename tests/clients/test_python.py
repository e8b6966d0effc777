"""The Python client before a real server, and before one that fails."""

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
from tilfreds_client import Client, Refused, Unreachable, agent_token, sign

from tests.clients.conftest import StandIn
from tests.factories import ORIGIN, MadeSite
from tests.serve.server import free_port
from tests.serving import Product

ROOT = Path(__file__).parents[2]
CHAT = "order/17 æ?"
SIGNED = ("secret", "site_key", "visitor", "expires", "kind", "subject", "role")
IN_TOKEN = ("secret", "site_key", "agent", "conversation", "issued", "expires")
pytestmark = pytest.mark.server


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / "docs" / "reference" / name).read_text("utf-8"))
    assert len(found) > 2
    return found


@pytest.fixture
def client(product: Product, site: MadeSite) -> Client:
    return Client(product.url, site.api_key)


def test_signs_as_published(subtests: pytest.Subtests) -> None:
    for vector in vectors("signing-vectors.json"):
        with subtests.test(vector["name"]):
            published = {"visitor": vector["visitor"], "signature": vector["signature"]}
            assert sign(**{name: vector[name] for name in SIGNED}) == {**published, "expires": str(vector["expires"])}


def test_makes_agent_tokens_as_published(subtests: pytest.Subtests) -> None:
    for vector in vectors("agent-token-vectors.json"):
        with subtests.test(vector["name"]):
            assert agent_token(**{name: vector[name] for name in IN_TOKEN}) == vector["token"]


@pytest.mark.parametrize("secret", ["", "tfk_k1_AAEC", "tfs_k1", "tfs_k1_A"])
def test_what_is_no_secret_is_named(secret: str) -> None:
    with pytest.raises(ValueError, match="no signing secret"):
        sign(secret, "key", "ann")


def test_a_token_of_an_hour_is_refused_before_the_server_does(site: MadeSite) -> None:
    with pytest.raises(ValueError, match="15 minutes"):
        agent_token(site.signing_secret, site.key, "sam", issued=1_000_000, expires=1_003_600)


def talk(client: Client, conversation: str, visitor: str = "ann") -> None:
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


def press(product: Product, site: MadeSite, conversation: str, visitor: str, number: int) -> None:
    """What the visitor's page does, with the signature that the back end gave it."""

    def post(call: str, body: dict[str, Any]) -> dict[str, Any]:
        request = Request(f"{product.url}/w/{site.key}/{call}", json.dumps(body).encode(), {"Origin": ORIGIN})
        with urlopen(request) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    signed: dict[str, Any] = sign(site.signing_secret, site.key, visitor)
    proof = {**signed, "expires": int(signed["expires"])}
    asked = post("ended", {"conversation": conversation, **proof, "revisions": []})
    assert asked["asked"]
    answer = {"id": f"{number:022}", "rev": 1, "age_ms": 0, "score": 3}
    post("votes", {"token": asked["token"], "revision": asked["revision"], **answer})


def test_the_whole_way_of_a_chat(client: Client, product: Product, site: MadeSite) -> None:
    talk(client, CHAT)
    assert list(client.votes()) == []
    assert client.end(CHAT, closer="sam") == client.end(CHAT, closer="sam")
    press(product, site, CHAT, "ann", 1)
    (segment,) = client.conversation(CHAT)["segments"]
    assert (segment["status"], segment["pin"], segment["agents"]) == ("rated", "m2", ["Sam"])
    assert segment["rating"] and segment["rating"]["answer"] and segment["rating"]["answer"]["sentiment"] == "positive"
    (invitation,) = client.invitations(CHAT)
    assert (invitation["status"], invitation["context"]["visitor"]) == ("voted", "ann")
    (vote,) = client.votes(agent="sam", verified=True, since=datetime.now(UTC) - timedelta(minutes=5))
    assert (vote["subject"], vote["visitor"], vote["verified"]) == (CHAT, "ann", True)
    assert client.vote(vote["id"])["id"] == vote["id"]
    assert list(client.votes(verified=False)) == []


def test_votes_go_on_over_pages(client: Client, product: Product, site: MadeSite) -> None:
    for number in range(5):
        talk(client, f"c{number}", f"visitor{number}")
        client.end(f"c{number}")
        press(product, site, f"c{number}", f"visitor{number}", number)
    assert [vote["subject"] for vote in client.votes(limit=2)] == ["c4", "c3", "c2", "c1", "c0"]


def test_nobody_is_asked_when_the_back_end_says_so(client: Client) -> None:
    talk(client, "quiet")
    ended = client.end("quiet", ask=False, closer="sam", note="a duplicate")
    assert (ended["asked"], ended["status"]) == (False, "not_asked")
    assert ended["reason_text"] == client.invitations("quiet")[0]["reason_text"]
    assert ended["reason_text"] == "closed without asking by Sam: a duplicate"
    assert client.ask("quiet", agent="sam")["asked"] is True


@pytest.mark.parametrize("made_by", ["library", "server"])
def test_an_agents_token_opens_what_the_agent_wrote_in(
    client: Client, product: Product, site: MadeSite, made_by: str
) -> None:
    talk(client, "desk")
    own = agent_token(site.signing_secret, site.key, "sam", conversation="desk")
    token = own if made_by == "library" else client.agent_token("sam", "desk")["token"]
    request = Request(f"{product.url}/agent/ratings?conversation=desk", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request) as answer:
        assert [part["status"] for part in json.loads(answer.read())["ratings"]] == ["open"]
    client.revoke_agent("sam")
    refused = product.client.get("/agent/ratings?conversation=desk", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 401


def test_somebody_is_invited_without_a_conversation(client: Client) -> None:
    client.put_agent("sam", name="Sam")
    invited = client.invite("call/8 æ", channel="phone", visitor="ann", agents=["sam"])
    assert client.invite("call/8 æ")["token"] == invited["token"]
    assert (client.invitation("call/8 æ")["status"], invited["asks"]["lowest"]) == ("asked", 1)


def test_a_vote_is_excluded_and_restored(client: Client, product: Product, site: MadeSite) -> None:
    talk(client, "excluded")
    client.end("excluded")
    press(product, site, "excluded", "ann", 7)
    (vote,) = client.votes()
    assert client.exclude(vote["id"], "a test", by="Ruth")["status"] == "excluded"
    assert client.restore(vote["id"])["status"] == "counted"


def test_a_person_is_forgotten(client: Client) -> None:
    talk(client, "gone")
    assert client.erase_visitor("ann") == {"conversations": 1}


def test_a_refusal_names_field_and_reason(client: Client, product: Product) -> None:
    with pytest.raises(Refused) as wrong:
        client.put_conversation("c", channel="pigeon")
    assert (wrong.value.status, wrong.value.code, wrong.value.pointer) == (422, "invalid", "/channel")
    assert wrong.value.detail in str(wrong.value)
    with pytest.raises(Refused) as missing:
        client.conversation("nowhere")
    assert (missing.value.status, missing.value.code) == (404, "not_found")
    with pytest.raises(Refused) as stranger:
        Client(product.url, "tfk_nobody").conversation("c")
    assert stranger.value.status == 401


def test_a_moment_without_a_zone_never_leaves(client: Client) -> None:
    with pytest.raises(ValueError, match="time zone"):
        client.put_conversation("c", queued_at=datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        list(client.votes(since=datetime(2026, 3, 1)))  # noqa: DTZ001


def test_what_passes_is_tried_again(stand_in: StandIn) -> None:
    stand_in.problem(503, "unavailable", Retry_After="0")
    stand_in.problem(429, "too_many", Retry_After="0")
    stand_in.page(200, b'{"segment": 1}')
    assert dict(Client(stand_in.url, "tfk_x").end("c")) == {"segment": 1}
    assert stand_in.calls == ["POST /api/v1/conversations/c/end"] * 3


def test_what_stays_is_not(stand_in: StandIn) -> None:
    stand_in.problem(422, "invalid")
    with pytest.raises(Refused, match="422 invalid: Later"):
        Client(stand_in.url, "tfk_x").end("c")
    assert len(stand_in.calls) == 1


def test_nobody_waits_for_a_minute(stand_in: StandIn) -> None:
    stand_in.problem(429, "too_many", Retry_After="60")
    with pytest.raises(Refused) as refused:
        Client(stand_in.url, "tfk_x").end("c")
    assert refused.value.retry_after == 60
    assert len(stand_in.calls) == 1


def test_the_last_try_tells_what_was_answered(stand_in: StandIn) -> None:
    stand_in.problem(503, "unavailable", Retry_After="0")
    with pytest.raises(Refused, match="503"):
        Client(stand_in.url, "tfk_x", tries=2).end("c")
    assert len(stand_in.calls) == 2


def test_a_proxys_page_is_no_answer(stand_in: StandIn) -> None:
    stand_in.page(404, b"<html>nothing here</html>")
    with pytest.raises(Refused, match="404 unknown: An answer without a reason"):
        Client(stand_in.url, "tfk_x").end("c")


def test_no_redirect_carries_the_key_away(stand_in: StandIn) -> None:
    stand_in.answers.append((302, {"Location": f"{stand_in.url}/elsewhere"}, b""))
    with pytest.raises(Refused, match="302"):
        Client(stand_in.url, "tfk_x").conversation("c")
    assert stand_in.calls == ["GET /api/v1/conversations/c"]


def test_nobody_there_is_told_apart_from_no() -> None:
    with pytest.raises(Unreachable, match="no answer"):
        Client(f"http://127.0.0.1:{free_port()}", "tfk_x", tries=2).end("c")


def test_an_address_without_its_scheme_is_named() -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client("tilfreds.example", "tfk_x")


def test_the_package_is_whole(tmp_path: Path) -> None:
    """Built from a copy, as a packager would: with its types, and nothing that it would have to bring along."""
    source = tmp_path / "source"
    copy = [sys.executable, "-c", "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2])"]
    subprocess.run([*copy, str(ROOT / "clients" / "python"), str(source)], check=True)
    build = [sys.executable, "-P", "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(source)]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        told = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "tilfreds_client/py.typed" in names
    assert "Requires-Dist" not in told
