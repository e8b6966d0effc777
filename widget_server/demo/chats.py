"""The shop's own chat: visitors write, a scripted agent answers after a while, either side ends it, and it may go on.

What is written is told to Tilfreds as it is written. While Tilfreds is away the chat goes on, and what could not be
told is told when it is back, in the same order.
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

from .agents import AGENT_A, answer_to
from .client import Tilfreds

log = logging.getLogger(__name__)
MAX_CHATS = 500
TITLE_LENGTH = 60
#: Seconds until an answer: reading, then writing so many letters a second.
READING_SECONDS = 0.8
LETTERS_PER_SECOND = 60.0


@dataclass
class Chat:
    """One visitor's chat as the shop keeps it."""

    id: str
    facts: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    #: What Tilfreds was not told yet, oldest first.
    untold: deque[Callable[[Tilfreds], Any]] = field(default_factory=deque)
    is_open: bool = True
    answering: threading.Timer | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def texts(self, author: str) -> list[str]:
        return [message["text"] for message in self.messages if message["author"] == author]


class Chats:
    """All running chats. `pace` stretches the agent's delays: 1 is believable, 0 answers at once."""

    def __init__(self, tilfreds: Callable[[], Tilfreds], pace: float = 1.0) -> None:
        self.tilfreds = tilfreds
        self.pace = pace
        self.chats: OrderedDict[str, Chat] = OrderedDict()

    def open(self) -> Chat:
        """A new chat; its id cannot be guessed, for whoever has it reads the chat."""
        chat = Chat(id=f"chat-{secrets.token_urlsafe(12)}")
        self.chats[chat.id] = chat
        while len(self.chats) > MAX_CHATS:
            self.chats.popitem(last=False)
        return chat

    def find(self, chat_id: str) -> Chat | None:
        return self.chats.get(chat_id)

    def write(self, chat: Chat, text: str, **facts: Any) -> None:
        """The visitor writes, and Tilfreds learns the facts with it. A chat that had ended goes on."""
        with chat.lock:
            chat.is_open = True
            if not chat.messages:
                facts.update(channel="chat", title=shorten(text, TITLE_LENGTH, placeholder="…"))
                chat.untold.append(
                    lambda tilfreds: tilfreds.put_agent(AGENT_A.external_id, name=AGENT_A.name, team=AGENT_A.team)
                )
            news = {name: value for name, value in facts.items() if chat.facts.get(name) != value}
            if news:
                chat.facts.update(news)
                chat.untold.append(lambda tilfreds: tilfreds.put_conversation(chat.id, **news))
            self._add(chat, "visitor", text)
            self._answer_later(chat)

    def end(self, chat: Chat, by: str) -> None:
        """Either side ends it. The agent's end is told by the back end; the visitor's own page tells of theirs."""
        with chat.lock:
            if not chat.is_open:
                return
            self._stop_answering(chat)
            chat.is_open, ended_at = False, datetime.now(UTC).isoformat()
            chat.messages.append({"author": "end", "text": by, "sent_at": ended_at})
            if by == "agent":
                facts = {"closer": AGENT_A.external_id, "ended_at": ended_at}
                chat.untold.append(lambda tilfreds: tilfreds.end(chat.id, **facts))
                self.tell(chat)

    def ledger(self, chat: Chat) -> list[dict[str, Any]]:
        """What Tilfreds wrote down about asking; nothing while it cannot be reached."""
        try:
            return self.tilfreds().ledger(chat.id)
        except OSError:
            return []

    def tell(self, chat: Chat) -> None:
        """Tell Tilfreds what it does not know yet. The chat itself never fails for it."""
        with chat.lock:
            while chat.untold:
                try:
                    chat.untold[0](self.tilfreds())
                except HTTPError as error:
                    log.warning("Tilfreds answered %d: %s", error.code, error.read().decode(errors="replace"))
                    if error.code >= 500 or error.code == 429:
                        return
                except OSError as error:
                    log.warning("Tilfreds cannot be reached: %s", error)
                    return
                chat.untold.popleft()

    def _answer_later(self, chat: Chat) -> None:
        self._stop_answering(chat)
        answer = answer_to(chat.texts("visitor"), chat.texts("agent"))
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
            # A cancelled timer may already have been on its way here.
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
        chat.untold.append(lambda tilfreds: tilfreds.add_messages(chat.id, [message]))
        self.tell(chat)
