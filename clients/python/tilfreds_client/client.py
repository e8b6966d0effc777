"""The client of one site's API, for its back end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from .operator import entries_of
from .shapes import (
    Agent,
    AgentToken,
    ChangedMessage,
    Conversation,
    End,
    ImportResult,
    Invitation,
    Message,
    MessageLine,
    Vote,
)
from .transport import Transport


class Client:
    """A client with an API key of the site. Threads may share it.

    A call that fails temporarily is tried up to `tries` times; every call may be repeated safely. A try waits `timeout`
    seconds for its response. Calls raise `Refused` if the server rejects them, and `Unreachable` without a response.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float = 10.0, tries: int = 3) -> None:
        self._transport = Transport(base_url, api_key, timeout, tries)

    def put_agent(self, agent: str, **fields: Any) -> Agent:
        """Create or change an agent. `fields`: `name`, `team`, `email`, and `visitor`, the agent's id as a visitor."""
        return cast(Agent, self._transport.call("PUT", f"/agents/{_quoted(agent)}", fields))

    def revoke_agent(self, agent: str) -> Agent:
        """Revoke all agent tokens of an agent created until now."""
        return cast(Agent, self._transport.call("POST", f"/agents/{_quoted(agent)}/revoke", {}))

    def agent_token(self, agent: str, conversation: str | None = None) -> AgentToken:
        """Create a token for the agent's page on the server. `tilfreds_client.agent_token` needs no call."""
        body = {"agent": agent} if conversation is None else {"agent": agent, "conversation": conversation}
        return cast(AgentToken, self._transport.call("POST", "/agent-tokens", body))

    def put_conversation(self, conversation: str, **fields: Any) -> dict[str, Any]:
        """Create or change a conversation; missing fields stay unchanged.

        `fields`: `visitor`, `browser` (the result of `tilfreds.browser()`), `title`, `channel`, `customer_reference`,
        `case_type`, `product_area`, `touchpoint`, `team`, `language`, `page`, `custom_fields` (up to 20 texts),
        `queued_at`, `accepted_at`, `escalated_at`.
        """
        return cast("dict[str, Any]", self._transport.call("PUT", _path_of(conversation), _to_json(fields)))

    def add_messages(self, conversation: str, messages: Sequence[Mapping[str, Any]]) -> list[Message]:
        """Add up to 500 messages, in any order: `external_id`, `author`, `text`, and `agent` and `sent_at` if known.

        A message that is stored already takes the newest text, by `edited_at` if it is given.
        """
        body = {"messages": [_to_json(message) for message in messages]}
        return cast(
            "list[Message]", self._transport.call("POST", f"{_path_of(conversation)}/messages", body)["messages"]
        )

    def edit_message(self, conversation: str, message: str, **fields: Any) -> ChangedMessage:
        """Change the `text` or the `agent` of a message. `edited_at` is now by default."""
        path = _message_path(conversation, message)
        return cast(ChangedMessage, self._transport.call("PATCH", path, _to_json(fields)))

    def remove_message(self, conversation: str, message: str) -> ChangedMessage:
        """Delete the text and the agent of a message, which keeps its place and does not come back."""
        return cast(ChangedMessage, self._transport.call("DELETE", _message_path(conversation, message)))

    def messages(self, conversation: str) -> Iterator[MessageLine]:
        """Yield the messages of a conversation, newest first. Pages are requested as the caller needs them."""
        query: dict[str, Any] = {"limit": 500}
        while True:
            page = self._transport.call("GET", f"{_path_of(conversation)}/messages", query=query)
            yield from cast("list[MessageLine]", page["messages"])
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def end(
        self,
        conversation: str,
        *,
        closer: str | None = None,
        ask: bool = True,
        note: str | None = None,
        ended_at: datetime | None = None,
    ) -> End:
        """End the open segment and return whether the visitor is asked. Ending it again returns the first decision.

        An end that is sent again decides again if a message was missing that has arrived since. `ask=False` closes
        without asking; `note` (up to 200 characters) is the reason.
        """
        fields = {"closer": closer, "ask": ask, "note": note, "ended_at": ended_at}
        body = _to_json({name: value for name, value in fields.items() if value is not None})
        return cast(End, self._transport.call("POST", f"{_path_of(conversation)}/end", body))

    def ask(self, conversation: str, *, agent: str | None = None) -> End:
        """Ask now, by an agent's decision, whatever the optional rules decide. Asking again has no effect."""
        body = {} if agent is None else {"agent": agent}
        return cast(End, self._transport.call("POST", f"{_path_of(conversation)}/ask", body))

    def conversation(self, conversation: str) -> Conversation:
        """Return a conversation with its segments, messages and ratings."""
        return cast(Conversation, self._transport.call("GET", _path_of(conversation)))

    def invitations(self, conversation: str) -> list[Invitation]:
        """Return the invitations of a conversation, and the decisions not to ask with their reasons."""
        return cast(
            "list[Invitation]", self._transport.call("GET", f"{_path_of(conversation)}/invitations")["invitations"]
        )

    def invite(self, invitation: str, **fields: Any) -> dict[str, Any]:
        """Invite a visitor without a conversation, with an id of yours. The same id returns the existing invitation.

        `fields`: `visitor`, `channel`, `agents`, and the other fields of a conversation. The result has `token`, which
        is only for this person, and `asks`, the survey to draw.
        """
        return cast("dict[str, Any]", self._transport.call("PUT", f"/invitations/{_quoted(invitation)}", fields))

    def invitation(self, invitation: str) -> dict[str, Any]:
        """Return an invitation: its `status`, and in `vote` the id of its vote."""
        return cast("dict[str, Any]", self._transport.call("GET", f"/invitations/{_quoted(invitation)}"))

    def votes(self, **filters: Any) -> Iterator[Vote]:
        """Yield the votes that match all filters, newest first. Pages are requested as the caller needs them.

        `filters`: `since`, `until` (aware datetimes), `score`, `agent`, `channel`, `survey`, `subject`, `kind`,
        `verified`, `status`, `recovery`, and `limit`, the size of a page (at most 200). With `changed_since` the least
        recently changed come first, with removed, excluded and erased ones; pass the last `updated_at` the next time,
        and that vote comes again.
        """
        query = {"limit": 200, **_to_json(filters)}
        while True:
            page = self._transport.call("GET", "/votes", query=query)
            yield from cast("list[Vote]", page["votes"])
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def audit(self, *, after: int = 0, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield the entries of the site's audit log after a number, the oldest first. It needs the scope `audit`."""
        yield from entries_of(self._transport, "/audit", after, _to_json(filters))

    def vote(self, vote: str) -> Vote:
        """Return a vote."""
        return cast(Vote, self._transport.call("GET", f"/votes/{_quoted(vote)}"))

    def vote_history(self, vote: str) -> Iterator[dict[str, Any]]:
        """Yield the stored answers of a vote, oldest first: `answer`, `comment`, `at` and `recovery`."""
        after: int | None = 0
        while after is not None:
            query = {"after": after, "limit": 50}
            page = self._transport.call("GET", f"/votes/{_quoted(vote)}/history", query=query)
            yield from cast("list[dict[str, Any]]", page["history"])
            after = page["next_after"]

    def exclude(self, vote: str, reason: str, *, by: str | None = None) -> Vote:
        """Exclude a vote from the scores. It stays visible, with the reason."""
        body = {"reason": reason} if by is None else {"reason": reason, "by": by}
        return cast(Vote, self._transport.call("POST", f"/votes/{_quoted(vote)}/exclude", body))

    def restore(self, vote: str, *, by: str | None = None) -> Vote:
        """Restore an excluded vote to the scores."""
        body = {} if by is None else {"by": by}
        return cast(Vote, self._transport.call("POST", f"/votes/{_quoted(vote)}/restore", body))

    def erase_words(self, vote: str, *, by: str | None = None) -> Vote:
        """Erase the words and the picture of a vote for good. The score stays and cannot be changed any more."""
        body = {} if by is None else {"by": by}
        return cast(Vote, self._transport.call("POST", f"/votes/{_quoted(vote)}/erase", body))

    def import_conversations(self, conversations: Sequence[Mapping[str, Any]]) -> ImportResult:
        """Import up to 100 conversations of another system, with their ratings; see docs/guides/importing.md."""
        body = {"conversations": list(conversations)}
        return cast(ImportResult, self._transport.call("POST", "/import", body))

    def merge_conversations(self, conversation: str, into: str) -> dict[str, Any]:
        """Move all segments, messages and ratings of a conversation to another one, and delete the first."""
        body = {"into": into}
        return cast("dict[str, Any]", self._transport.call("POST", f"{_path_of(conversation)}/merge", body))

    def merge_visitors(self, visitor: str, into: str) -> dict[str, Any]:
        """Move all conversations and ratings of a visitor to another one who is the same person."""
        return cast(
            "dict[str, Any]", self._transport.call("POST", f"/visitors/{_quoted(visitor)}/merge", {"into": into})
        )

    def erase_visitor(self, visitor: str) -> dict[str, Any]:
        """Erase a visitor: names, references, messages and comments are deleted, votes stay as counts."""
        return cast("dict[str, Any]", self._transport.call("POST", f"/visitors/{_quoted(visitor)}/erase", {}))

    def export_visitor(self, visitor: str) -> dict[str, Any]:
        """Return everything that the site holds of a visitor, such as for a request of access."""
        return cast("dict[str, Any]", self._transport.call("GET", f"/visitors/{_quoted(visitor)}/export"))

    def erase_conversation(self, conversation: str) -> None:
        """Erase what a conversation contains; its scores stay."""
        self._transport.call("POST", f"{_path_of(conversation)}/erase", {})


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _path_of(conversation: str) -> str:
    return f"/conversations/{_quoted(conversation)}"


def _message_path(conversation: str, message: str) -> str:
    return f"{_path_of(conversation)}/messages/{_quoted(message)}"


def _to_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with datetimes as texts. Raise ValueError for a datetime without a time zone."""
    values = dict(fields)
    for name, value in fields.items():
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(
                    f"`{name}` has no time zone; use an aware datetime such as datetime.now(timezone.utc)."
                )
            values[name] = value.isoformat()
    return values
