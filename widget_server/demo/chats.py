"""The shop's chat: visitors write, a scripted agent answers, either side ends the chat, and it can continue later.

The shop sends each message to Tilfreds as it is written. While Tilfreds is unreachable the chat continues, and the
pending calls are sent afterwards, in the same order.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from textwrap import shorten
from typing import Any
from urllib.error import HTTPError

from .agents import AGENT_A, choose_answer
from .client import Tilfreds

log = logging.getLogger(__name__)
MAX_CHATS = 500
TITLE_LENGTH = 60
#: An answer takes the time to read, then to write it at this speed.
READING_SECONDS = 0.8
LETTERS_PER_SECOND = 60.0


@dataclass
class Chat:
    """A visitor's chat as the shop stores it."""

    id: str
    facts: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    #: Calls that Tilfreds has not received yet, oldest first.
    pending_calls: deque[Callable[[Tilfreds], Any]] = field(default_factory=deque)
    is_open: bool = True
    answering: threading.Timer | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def texts(self, author: str) -> list[str]:
        return [message["text"] for message in self.messages if message["author"] == author]


class Chats:
    """All current chats. `pace` multiplies the agent's delays: 1 is realistic, 0 answers at once."""

    def __init__(self, tilfreds: Callable[[], Tilfreds], pace: float = 1.0) -> None:
        self.tilfreds = tilfreds
        self.pace = pace
        self.chats: OrderedDict[str, Chat] = OrderedDict()

    def open(self) -> Chat:
        """Start a chat. Its id must be unguessable, because it gives access to the chat."""
        chat = Chat(id=f"chat-{secrets.token_urlsafe(12)}")
        self.chats[chat.id] = chat
        while len(self.chats) > MAX_CHATS:
            self.chats.popitem(last=False)
        return chat

    def find(self, chat_id: str) -> Chat | None:
        return self.chats.get(chat_id)

    def write(self, chat: Chat, text: str, **facts: Any) -> None:
        """Add a visitor's message and send new facts to Tilfreds. An ended chat is reopened."""
        with chat.lock:
            chat.is_open = True
            if not chat.messages:
                facts.update(channel="chat", title=shorten(text, TITLE_LENGTH, placeholder="…"))
                chat.pending_calls.append(
                    lambda tilfreds: tilfreds.put_agent(AGENT_A.external_id, name=AGENT_A.name, team=AGENT_A.team)
                )
            new_facts = {name: value for name, value in facts.items() if chat.facts.get(name) != value}
            if new_facts:
                chat.facts.update(new_facts)
                chat.pending_calls.append(lambda tilfreds: tilfreds.put_conversation(chat.id, **new_facts))
            self._add(chat, "visitor", text)
            self._answer_later(chat)

    def end(self, chat: Chat, by: str) -> None:
        """End the chat. The back end reports the agent's end to Tilfreds; the visitor's page reports the visitor's."""
        with chat.lock:
            if not chat.is_open:
                return
            self._stop_answering(chat)
            chat.is_open, ended_at = False, datetime.now(UTC).isoformat()
            chat.messages.append({"author": "end", "text": by, "sent_at": ended_at})
            if by == "agent":
                facts = {"closer": AGENT_A.external_id, "ended_at": ended_at}
                chat.pending_calls.append(lambda tilfreds: tilfreds.end(chat.id, **facts))
                self.send_pending_calls(chat)

    def list_invitations(self, chat: Chat) -> list[dict[str, Any]]:
        """Return Tilfreds' invitations for the chat; an empty list while Tilfreds is unreachable."""
        try:
            return self.tilfreds().list_invitations(chat.id)
        except OSError:
            return []

    def send_pending_calls(self, chat: Chat) -> None:
        """Send the pending calls to Tilfreds. Errors are logged, so the chat itself never fails."""
        with chat.lock:
            while chat.pending_calls:
                try:
                    chat.pending_calls[0](self.tilfreds())
                except HTTPError as error:
                    log.warning("Tilfreds answered %d: %s", error.code, error.read().decode(errors="replace"))
                    if error.code >= 500 or error.code == 429:
                        return
                except OSError as error:
                    log.warning("Tilfreds cannot be reached: %s", error)
                    return
                chat.pending_calls.popleft()

    def _answer_later(self, chat: Chat) -> None:
        self._stop_answering(chat)
        answer = choose_answer(chat.texts("visitor"), chat.texts("agent"))
        delay = self.pace * (READING_SECONDS + len(answer) / LETTERS_PER_SECOND)
        chat.answering = threading.Timer(delay, self._answer, (chat, answer))
        chat.answering.daemon = True
        chat.answering.start()

    def _stop_answering(self, chat: Chat) -> None:
        if chat.answering is not None:
            chat.answering.cancel()
            chat.answering = None

    def _answer(self, chat: Chat, answer: str) -> None:
        with chat.lock:
            # A timer can be cancelled after it fired but before it had the lock.
            if chat.answering is threading.current_thread():
                chat.answering = None
                self._add(chat, "agent", answer)

    def _add(self, chat: Chat, author: str, text: str) -> None:
        message = {
            "external_id": f"m{len(chat.messages) + 1}",
            "author": author,
            "text": text,
            "sent_at": datetime.now(UTC).isoformat(),
        }
        if author == "agent":
            message["agent"] = AGENT_A.external_id
        chat.messages.append(message)
        chat.pending_calls.append(lambda tilfreds: tilfreds.add_messages(chat.id, [message]))
        self.send_pending_calls(chat)
