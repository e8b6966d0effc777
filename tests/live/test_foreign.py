"""C3: what is another site's, another agent's, or no longer one's own is told to nobody, event by event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.back_end import Api, done
from tests.conversations.talk import Talk
from tests.make import MadeSite, Make

from .conftest import Live, Person, Tell

FOREIGN_EVENTS = 10_000
AgentToken = Callable[..., str]


@pytest.fixture
def chats(make: Make, site: MadeSite, talks: Callable[..., Talk]) -> dict[str, Talk]:
    """One of Ann's and one of Ben's."""
    made = {}
    for name in ("ann", "ben"):
        make.agent(site, name, name.title(), team="North")
        made[name] = talks()
        made[name].say("agent", agent=name)
    return made


def id_of(talk: Talk) -> UUID:
    return UUID(talk.read()["id"])


def test_ten_thousand_foreign_events_reach_no_stream(
    live: Live, site: MadeSite, make: Make, chats: dict[str, Talk], agent_token: AgentToken, person: Person, tell: Tell
) -> None:
    ann, ben = id_of(chats["ann"]), id_of(chats["ben"])
    other = make.site(name="Other")
    other_survey = make.survey(other)
    assert other_survey
    token = agent_token("ann")
    both = f"{ann}&conversation={ben}"
    readers = {
        "all that Ann may see": live.open(token),
        "with a wish for the list": live.open(token, list="1"),
        "Ben's by name, beside her own": live.open(token, conversation=both),
        "bound to her own": live.open(agent_token("ann", str(ann))),
        "the other site's console": live.open(person.token(other), list="1"),
    }
    for start in range(0, FOREIGN_EVENTS, 1000):
        numbers = range(start, start + 500)
        tell(site, versions=numbers, conversation_id=ben)
        tell(site, versions=numbers)
    tell(site, versions=[FOREIGN_EVENTS], conversation_id=ann)
    tell(other, versions=[FOREIGN_EVENTS + 1])

    first = {whose: reader.changes(1)[0]["version"] for whose, reader in readers.items() if "console" not in whose}
    assert first == dict.fromkeys(first, FOREIGN_EVENTS)
    at_other = readers["the other site's console"]
    assert at_other.next().event == "list"
    assert all(reader.is_quiet() for reader in readers.values())
    raw = "".join(line for reader in readers.values() for line in reader.raw)
    assert str(ben) not in raw
    assert raw.count("event: change") == len(first)


@pytest.mark.parametrize("name", ["%", "%25", "*", "_", "..", "1' or '1'='1", "00000000-0000-7000-8000-%"])
def test_a_pattern_is_no_conversation(
    live: Live, agent_token: AgentToken, person: Person, site: MadeSite, name: str
) -> None:
    spelled = "".join(f"%{byte:02x}" for byte in name.encode())
    for token in (agent_token("ann"), person.token(site)):
        assert live.ask(token, conversation=spelled).response.status == 422


def test_a_bound_token_follows_no_other(live: Live, chats: dict[str, Talk], agent_token: AgentToken) -> None:
    bound = agent_token("ann", str(id_of(chats["ann"])))
    assert live.ask(bound, conversation=str(id_of(chats["ben"]))).response.status == 403


def test_what_changes_hands_while_one_listens_is_told_from_then_on_and_until_then(
    live: Live, api: Api, site: MadeSite, make: Make, chats: dict[str, Talk], agent_token: AgentToken, tell: Tell
) -> None:
    ben = id_of(chats["ben"])
    reader = live.open(agent_token("ann"), conversation=str(ben))
    tell(site, versions=[1], conversation_id=ben)
    assert reader.is_quiet()

    done(api.patch("/site", {"agents_see": "team"}))
    tell(site, versions=[2], conversation_id=ben)
    assert reader.changes(1)[0]["version"] == 2
    make.agent(site, "ben", "Ben", team="South")
    tell(site, versions=[3], conversation_id=ben)
    assert reader.is_quiet()

    chats["ben"].say("agent", agent="ann")
    told: list[Any] = [change["kind"] for change in reader.changes(1)]
    assert told == ["message.added"]
    done(api.patch("/site", {"agents_see": "none"}))
    tell(site, versions=[4], conversation_id=ben)
    assert reader.is_quiet()
