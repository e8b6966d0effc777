"""The smallest bot behind Bot Framework Web Chat: Direct Line 3.0 by polling.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-direct-line-3-0-api-reference
"""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

from widget_server.core import clock

from .server import Answer, Host, package

BOT = {"id": "bot", "role": "bot", "name": "Bot"}
PREFIX = "/v3/directline/"


class DirectLine(Host):
    """One conversation, whose activities the page fetches in their order."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.activities: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        super().__init__({"/": package("botframework-webchat") / "dist"})

    def page(self) -> str:
        """Web Chat with the store of the vendor's sample, which passes on what comes in."""
        return f"""<div id="webchat" style="height: 300px"></div><script src="{self.url}/webchat-minimal.js"></script>
        <script>
          const pass = (activity) =>
            window.dispatchEvent(Object.assign(new Event("webchatincomingactivity"), {{ data: activity }}));
          const store = WebChat.createStore({{}}, () => (next) => (action) => {{
            if (action.type === "DIRECT_LINE/INCOMING_ACTIVITY") pass(action.payload.activity);
            return next(action);
          }});
          const domain = "{self.url}{PREFIX[:-1]}";
          const directLine = WebChat.createDirectLine({{ domain, token: "t", webSocket: false }});
          WebChat.renderWebChat({{ directLine, store, userID: "dl_visitor" }}, document.getElementById("webchat"));
        </script>"""

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        if not path.startswith(PREFIX):
            return super().answer(method, path, body)
        if "/activities" in path:
            return self._take(body) if method == "POST" else self._since(path)
        return {"conversationId": self.conversation, "token": "t", "expires_in": 1800}

    def _take(self, body: dict[str, Any]) -> dict[str, Any]:
        sender = {**body.get("from", {}), "role": "user"}
        return {"id": self.send(body.pop("type"), **{**body, "from": sender})}

    def send(self, kind: str, **more: Any) -> str:
        """Send an activity, by default of the bot, and return its id."""
        with self.lock:
            number = f"{self.conversation}|{len(self.activities):07}"
            activity_fields = {
                "id": number,
                "timestamp": clock.now().isoformat(),
                "conversation": {"id": self.conversation},
            }
            self.activities.append({"type": kind, "from": BOT, **more, **activity_fields})
        return number

    def _since(self, path: str) -> dict[str, Any]:
        mark = int(parse_qs(urlsplit(path).query).get("watermark", ["0"])[0] or 0)
        return {"activities": self.activities[mark:], "watermark": str(len(self.activities))}
