"""C3: no event of another site or agent, or of a former one, reaches a stream."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.back_end import Api, done
from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from widget_server.events.outbox_reader import Position
from widget_server.live import stream

from .conftest import Live, Person, Tell

FOREIGN_EVENTS = 10_000
PATTERNS = ["%", "%25", "*", "_", "..", "1' or '1'='1", "00000000-0000-7000-8000-%"]
NO_IDS = [*PATTERNS, "x", "1234", str(UUID(int=1))[:-1]]
AgentToken = Callable[..., str]


@pytest.fixture
def chats(make: Make, site: MadeSite, talks: Callable[..., Talk]) -> dict[str, Talk]:
    """Create one conversation of Ann's and one of Ben's."""
    rows_by_name = {}
    for name in ("ann", "ben"):
        make.agent(site, name, name.title(), team="North")
        rows_by_name[name] = talks()
        rows_by_name[name].say("agent", agent=name)
    return rows_by_name


def id_of(talk: Talk) -> UUID:
    return UUID(talk.read()["id"])


@pytest.mark.slow
@ON_BOTH
def test_ten_thousand_foreign_events_reach_no_stream(
    live: Live,
    site: MadeSite,
    make: Make,
    chats: dict[str, Talk],
    agent_token: AgentToken,
    person: Person,
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "LIST_SECONDS", 0.01)
    ann, ben = id_of(chats["ann"]), id_of(chats["ben"])
    other = make.site(name="Other")
    token = agent_token("ann")
    readers = {
        "all that Ann may see": live.open(token),
        "with a wish for the list": live.open(token, list="1"),
        "Ben's by name, beside her own": live.open(token, conversation=f"{ann}&conversation={ben}"),
        "bound to her own": live.open(agent_token("ann", str(ann))),
    }
    at_other = live.open(person.token(other), list="1")
    for start in range(0, FOREIGN_EVENTS, 1000):
        numbers = range(start, start + 500)
        tell(site, versions=numbers, conversation_id=ben)
        tell(site, versions=numbers)
    for last in (FOREIGN_EVENTS, FOREIGN_EVENTS + 1):
        tell(site, versions=[last], conversation_id=ann)
        versions = {whose: reader.next_version() for whose, reader in readers.items()}
        assert versions == dict.fromkeys(readers, last)
        tell(other)
        hint = at_other.next()
        assert hint.event == "list"
        assert place(hint.id) > max(place(reader.position) for reader in readers.values())
    raw = "".join(line for reader in (*readers.values(), at_other) for line in reader.raw)
    assert str(ben) not in raw
    assert raw.count("event: change") == 2 * len(readers)


def place(position: str | None) -> Position:
    parsed_position = Position.parse(position or "")
    assert parsed_position is not None
    return parsed_position


def test_a_conversation_is_named_by_its_id_and_not_by_a_pattern(
    live: Live, agent_token: AgentToken, person: Person, site: MadeSite, subtests: pytest.Subtests
) -> None:
    for name in NO_IDS:
        spelled = "".join(f"%{byte:02x}" for byte in name.encode())
        with subtests.test(name=name):
            for token in (agent_token("ann"), person.token(site)):
                assert live.ask(token, conversation=spelled).response.status == 422


def test_a_bound_token_follows_no_other(live: Live, chats: dict[str, Talk], agent_token: AgentToken) -> None:
    bound = agent_token("ann", str(id_of(chats["ann"])))
    assert live.ask(bound, conversation=str(id_of(chats["ben"]))).response.status == 403


@ON_BOTH
def test_a_reassigned_conversation_is_sent_only_while_it_is_visible(
    live: Live,
    api: Api,
    site: MadeSite,
    make: Make,
    chats: dict[str, Talk],
    agent_token: AgentToken,
    person: Person,
    tell: Tell,
) -> None:
    """Wait for the console, which receives every event; by then it is decided whether Ann receives it too."""
    ben = id_of(chats["ben"])
    anns, console = (live.open(token, conversation=str(ben)) for token in (agent_token("ann"), person.token(site)))
    tell(site, versions=[1], conversation_id=ben)
    assert console.next_version() == 1

    done(api.patch("/site", {"agents_see": "team"}))
    tell(site, versions=[2], conversation_id=ben)
    assert [reader.next_version() for reader in (anns, console)] == [2, 2]
    make.agent(site, "ben", "Ben", team="South")
    tell(site, versions=[3], conversation_id=ben)
    assert console.next_version() == 3

    chats["ben"].say("agent", agent="ann")
    assert [reader.next().data["kind"] for reader in (anns, console)] == ["message.added"] * 2
    done(api.patch("/site", {"agents_see": "none"}))
    tell(site, versions=[4], conversation_id=ben)
    assert console.next_version() == 4
    done(api.patch("/site", {"agents_see": "team"}))
    tell(site, versions=[5], conversation_id=ben)
    assert anns.next_version() == 5
