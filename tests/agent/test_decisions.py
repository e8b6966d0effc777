"""Survey actions of a helpdesk's buttons, on conversations that the agent may see."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.agent.test_ratings import signed
from tests.api.conftest import Chat
from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from widget_server.agent.decisions import MAX_ACTIONS_PER_MINUTE


@pytest.fixture
def token(site: MadeSite, api: Api, chat: Chat, make: Make) -> str:
    """Return a token of Sam, who wrote in the chat."""
    make.survey(site)
    done(api.put("/agents/a1", {"name": "Sam"}))
    done(chat.write("agent", "Anything else?", agent="a1"))
    return signed(site, conversation="")


def decide(client: FlaskClient, token: str, what: str, **fields: Any) -> Any:
    return client.post(f"/agent/{what}", json=fields, headers={"Authorization": f"Bearer {token}"})


@ON_BOTH
def test_sam_asks(client: FlaskClient, token: str, chat: Chat) -> None:
    answer = decide(client, token, "ask", conversation="c1")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert done(answer) == {"asked": True, "status": "asked", "reason": None}
    (row,) = done(chat.api.get(f"{chat.path}/invitations"))["invitations"]
    assert (row["source"], row["context"]["by"]["name"]) == ("agent", "Sam")


@ON_BOTH
def test_sam_closes_and_says_why(client: FlaskClient, token: str, chat: Chat) -> None:
    body = {"asked": False, "status": "not_asked", "reason": "closed without asking by Sam: a duplicate"}
    assert done(decide(client, token, "close", conversation="c1", note="a duplicate")) == body
    read = client.get("/agent/ratings?conversation=c1", headers={"Authorization": f"Bearer {token}"})
    assert done(read)["ratings"][0]["reason"] == body["reason"]
    assert done(decide(client, token, "ask", conversation="c1"))["status"] == "asked"


@pytest.mark.parametrize("what", ["ask", "close"])
def test_conversations_that_sam_may_not_see_are_missing(
    client: FlaskClient, site: MadeSite, make: Make, api: Api, token: str, what: str
) -> None:
    """Give the same response for another agent's conversation, another site's and a missing one."""
    make.agent(site, "a2")
    make.conversation(site, "theirs")
    make.message(site, "theirs", "agent", agent="a2")
    other = make.site()
    make.conversation(other, "elsewhere")
    answers = [decide(client, token, what, conversation=name) for name in ("theirs", "elsewhere", "nowhere")]
    assert {(answer.status_code, answer.get_data()) for answer in answers} == {(404, answers[0].get_data())}
    assert done(api.get("/conversations/theirs"))["segments"][0]["ended_at"] is None
    bound = signed(site, conversation="theirs")
    assert decide(client, bound, what, conversation="c1").status_code == 404


def test_bad_input_says_what_to_do_and_decides_nothing(client: FlaskClient, token: str, chat: Chat) -> None:
    assert decide(client, token, "ask").get_json()["pointer"] == "/conversation"
    assert decide(client, token, "ask", conversation="c1", note="x").get_json()["pointer"] == "/note"
    assert decide(client, token, "close", conversation="c1", note="x" * 201).get_json()["pointer"] == "/note"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
    assert client.post("/agent/ask", data='{"conversation": "c1"}', headers=headers).status_code == 415
    assert client.post("/agent/ask", json={"conversation": "c1"}).status_code == 401
    assert client.get("/agent/ask").status_code == 405
    assert chat.read()["segments"][0]["ended_at"] is None


def test_a_browser_may_send_it_from_any_page(client: FlaskClient) -> None:
    answer = client.options("/agent/close", headers={"Origin": "https://desk.example"})
    allowed = answer.headers["Access-Control-Allow-Headers"]
    assert answer.status_code == 200
    assert {"Authorization", "Content-Type"} <= {name.strip() for name in allowed.split(",")}


def test_a_helpdesk_whose_wrapper_of_fetch_adds_headers_and_credentials(client: FlaskClient, token: str) -> None:
    header_names = "authorization,content-type,traceparent"
    headers = {"Origin": "https://desk.example", "Access-Control-Request-Headers": header_names}
    for path in ("/agent/ratings", "/agent/scores", "/agent/ask", "/agent/close"):
        for answer in (client.options(path, headers=headers), client.get(path, headers=headers)):
            assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example"
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
            assert "Origin" in answer.vary
        assert client.options(path, headers=headers).headers["Access-Control-Allow-Headers"] == header_names


def test_actions_of_an_agent_are_limited(client: FlaskClient, token: str) -> None:
    for _ in range(MAX_ACTIONS_PER_MINUTE):
        assert decide(client, token, "ask", conversation="c1").status_code == 200
    limited = decide(client, token, "ask", conversation="c1")
    assert (limited.status_code, int(limited.headers["Retry-After"]) > 0) == (429, True)
