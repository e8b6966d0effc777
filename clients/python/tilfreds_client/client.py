"""The API of one site, as its back end uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from .shapes import Agent, AgentToken, Conversation, End, Invitation, Message, Vote
from .transport import Transport


class Client:
    """Calls with an API key of the site. May be shared by threads.

    What fails in passing is tried again, up to `tries` times: everything here may be sent twice, and is then done once.
    A call waits `timeout` seconds for each answer. `Refused` says what was wrong; `Unreachable`, that nobody answered.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float = 10.0, tries: int = 3) -> None:
        self._transport = Transport(base_url, api_key, timeout, tries)

    def put_agent(self, agent: str, **fields: Any) -> Agent:
        """Make or change an agent. `fields`: `name`, `team`, and `visitor`, the id they have as a visitor."""
        return cast(Agent, self._transport.call("PUT", f"/agents/{_quoted(agent)}", fields))

    def revoke_agent(self, agent: str) -> Agent:
        """End every agent token made until now."""
        return cast(Agent, self._transport.call("POST", f"/agents/{_quoted(agent)}/revoke", {}))

    def agent_token(self, agent: str, conversation: str | None = None) -> AgentToken:
        """A token for the agent's page, made by the server. `tilfreds_client.agent_token` makes one without a call."""
        body = {"agent": agent} if conversation is None else {"agent": agent, "conversation": conversation}
        return cast(AgentToken, self._transport.call("POST", "/agent-tokens", body))

    def put_conversation(self, conversation: str, **fields: Any) -> dict[str, Any]:
        """Make a conversation, or tell more of it; what is left out stays as it is.

        `fields`: `visitor`, `browser` (what `tilfreds.browser()` gave), `title`, `channel`, `customer_reference`,
        `case_type`, `product_area`, `touchpoint`, `team`, `language`, `page`, `custom_fields` (up to 20 texts),
        `queued_at`, `accepted_at`, `escalated_at`.
        """
        return cast("dict[str, Any]", self._transport.call("PUT", _at(conversation), _plain(fields)))

    def add_messages(self, conversation: str, messages: Sequence[Mapping[str, Any]]) -> list[Message]:
        """Add up to 500 messages, in any order: `external_id`, `author`, `text`, and `agent` and `sent_at` if known."""
        body = {"messages": [_plain(message) for message in messages]}
        return cast("list[Message]", self._transport.call("POST", f"{_at(conversation)}/messages", body)["messages"])

    def end(
        self,
        conversation: str,
        *,
        closer: str | None = None,
        ask: bool = True,
        note: str | None = None,
        ended_at: datetime | None = None,
    ) -> End:
        """End the open part: who is asked, or why nobody. Ended twice is ended once.

        `ask=False` closes without asking, and `note` (up to 200 letters) is kept with it.
        """
        told = {"closer": closer, "ask": ask, "note": note, "ended_at": ended_at}
        body = _plain({name: value for name, value in told.items() if value is not None})
        return cast(End, self._transport.call("POST", f"{_at(conversation)}/end", body))

    def ask(self, conversation: str, *, agent: str | None = None) -> End:
        """Ask now, by an agent's own decision, whatever the rules weigh. Asked twice is asked once."""
        body = {} if agent is None else {"agent": agent}
        return cast(End, self._transport.call("POST", f"{_at(conversation)}/ask", body))

    def conversation(self, conversation: str) -> Conversation:
        """Segments, messages, and each rating, or why there is none."""
        return cast(Conversation, self._transport.call("GET", _at(conversation)))

    def invitations(self, conversation: str) -> list[Invitation]:
        """Who was asked, what became of it, and why nobody was."""
        return cast("list[Invitation]", self._transport.call("GET", f"{_at(conversation)}/invitations")["invitations"])

    def invite(self, invitation: str, **fields: Any) -> dict[str, Any]:
        """Ask without a conversation, under an id of yours; the same id again is the invitation that stands.

        `fields`: `visitor`, `channel`, `agents`, and what a conversation has besides. The answer holds `token`, for the
        person who is asked alone, and `asks`, what to draw.
        """
        return cast("dict[str, Any]", self._transport.call("PUT", f"/invitations/{_quoted(invitation)}", fields))

    def invitation(self, invitation: str) -> dict[str, Any]:
        """What came of an invitation: its `status`, and in `vote` the id of the answer."""
        return cast("dict[str, Any]", self._transport.call("GET", f"/invitations/{_quoted(invitation)}"))

    def votes(self, **filters: Any) -> Iterator[Vote]:
        """Every vote that all filters hold for, newest first, read page by page while the caller goes on.

        `filters`: `since`, `until` (moments with their offset), `score`, `agent`, `channel`, `survey`, `subject`,
        `kind`, `verified`, `status`, `recovery`, and `limit`, the size of a page (200 at most).
        """
        query = {"limit": 200, **_plain(filters)}
        while True:
            page = self._transport.call("GET", "/votes", query=query)
            yield from cast("list[Vote]", page["votes"])
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def vote(self, vote: str) -> Vote:
        """One vote; its field `history` has every answer, oldest first."""
        return cast(Vote, self._transport.call("GET", f"/votes/{_quoted(vote)}"))

    def exclude(self, vote: str, reason: str, *, by: str | None = None) -> Vote:
        """Take a vote out of the counts; it stays, and the reason is seen by all who see it."""
        body = {"reason": reason} if by is None else {"reason": reason, "by": by}
        return cast(Vote, self._transport.call("POST", f"/votes/{_quoted(vote)}/exclude", body))

    def restore(self, vote: str, *, by: str | None = None) -> Vote:
        """Let an excluded vote count again."""
        body = {} if by is None else {"by": by}
        return cast(Vote, self._transport.call("POST", f"/votes/{_quoted(vote)}/restore", body))

    def erase_visitor(self, visitor: str) -> dict[str, Any]:
        """Forget a person: names, references, messages and comments go, votes stay as counts."""
        return cast("dict[str, Any]", self._transport.call("POST", f"/visitors/{_quoted(visitor)}/erase", {}))


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _at(conversation: str) -> str:
    return f"/conversations/{_quoted(conversation)}"


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Moments as texts; one without an offset is nobody's moment."""
    plain = dict(fields)
    for name, value in fields.items():
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"`{name}` has no time zone: give an aware moment, as datetime.now(timezone.utc) is.")
            plain[name] = value.isoformat()
    return plain
