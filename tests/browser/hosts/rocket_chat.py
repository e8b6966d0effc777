"""The smallest back end that Rocket.Chat Livechat 1.13.3 talks to: its REST calls and its DDP socket, with one agent.

The wire is that of the widget's own code (packages/livechat and @rocket.chat/sdk); what the widget does is its own.
"""

from __future__ import annotations

import json
import threading
from itertools import count
from typing import Any

from widget_server.core import clock

from .server import Answer, Host, package
from .websocket import WebSocket

ROOM = "room-1"
AGENT = {"_id": "agent-1", "username": "anna", "name": "Anna", "status": "online", "emails": []}
VISITOR = {"_id": "visitor-1", "username": "guest-1"}
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="5" cy="5" r="4"/></svg>'
CONFIG: dict[str, Any] = {
    "enabled": True,
    "online": True,
    "settings": {
        "registrationForm": False,
        "allowSwitchingDepartments": False,
        "nameFieldRegistrationForm": False,
        "emailFieldRegistrationForm": False,
        "displayOfflineForm": True,
        "language": "en",
        "transcript": False,
        "historyMonitorType": "url",
        "fileUpload": False,
        "conversationFinishedMessage": "Chat finished",
        "limitTextLength": 0,
        "allowRemovingBranding": False,
    },
    "theme": {"title": "Help", "color": "#175CC4", "offlineTitle": "Away", "offlineColor": "#666"},
    "messages": {"conversationFinishedMessage": "Chat finished"},
    "triggers": [],
    "departments": [],
    "resources": {"sound": "", "emojis": None},
    "customFields": [],
}


class RocketChat(Host):
    """What the visitor wrote, the custom fields that the page set, and a room that can be closed."""

    def __init__(self) -> None:
        self.build = package("@rocket.chat/livechat") / "build"
        self.written: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.fields: dict[str, str] = {}
        self.streams: dict[str, tuple[WebSocket, str]] = {}
        self.is_open = False
        self.numbers = count(1)
        self.changed = threading.Condition()
        super().__init__({"/livechat/": self.build, "/": self.build})

    def loader(self) -> str:
        """Return the snippet that the owner pastes, as Rocket.Chat's administration shows it."""
        return f"""<script>(function(w, d, s, u) {{
          w.RocketChat = function(c) {{ w.RocketChat._.push(c) }}; w.RocketChat._ = []; w.RocketChat.url = u;
          var h = d.getElementsByTagName(s)[0], j = d.createElement(s);
          j.async = true; j.src = '{self.url}/rocketchat-livechat.min.js';
          h.parentNode.insertBefore(j, h);
        }})(window, document, 'script', '{self.url}/livechat');</script>"""

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        plain = path.partition("?")[0]
        if plain == "/livechat":
            page = (self.build / "index.html").read_text()
            head = f"<head><base href='/'><script>SERVER_URL = '{self.url}'</script>"
            return page.replace("<head>", head, 1).encode()
        if plain.startswith("/avatar/"):
            return PICTURE
        if plain.startswith("/api/v1/livechat/"):
            return {"success": True, **self._call(method, plain.removeprefix("/api/v1/livechat/"), body)}
        return super().answer(method, path, body)

    def _call(self, method: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        what = name.partition("/")[0]
        if what == "config":
            return {"config": CONFIG}
        if what == "visitor":
            return {"visitor": {**VISITOR, "token": body.get("visitor", {}).get("token")}}
        if what == "room":
            self.messages = self.messages if self.is_open else []
            self.is_open = True
            return {"room": {"_id": ROOM, "open": True, "servedBy": AGENT, "t": "l"}, "newRoom": True}
        if what == "agent.info":
            return {"agent": AGENT}
        if what == "message" and method == "POST":
            self.written.append(body["msg"])
            return {"message": self._message(body["msg"], VISITOR, body.get("_id"))}
        if what == "messages.history":
            return {"messages": self.messages[::-1]}
        if what == "custom.field":
            self.fields[body["key"]] = body["value"]
        if what == "room.close":
            self.close()
        return {}

    def _message(self, text: str, author: dict[str, Any], id: str | None = None, **more: Any) -> dict[str, Any]:
        id = id or f"m{next(self.numbers)}"
        message = {"_id": id, "rid": ROOM, "msg": text, "ts": clock.now().isoformat(), "u": author, **more}
        self.messages.append(message)
        return message

    def say(self, text: str, **more: Any) -> None:
        """Send a message of the agent, or one of the room."""
        self._stream(f"room-messages/{ROOM}", self._message(text, AGENT, **more))

    def close(self) -> None:
        """Send the end, as the server does to the side that ended the chat."""
        self.is_open = False
        self.say("", t="livechat-close")

    def connected(self, socket: WebSocket) -> None:
        for text in socket.texts():
            message = json.loads(text)
            kind = message.get("msg")
            if kind == "connect":
                socket.send(json.dumps({"msg": "connected", "session": "s"}))
            elif kind == "ping":
                socket.send(json.dumps({"msg": "pong"}))
            elif kind == "method":
                socket.send(json.dumps({"msg": "result", "id": message["id"], "result": {}}))
            elif kind == "sub":
                with self.changed:
                    self.streams[f"{message['name'].removeprefix('stream-')}/{message['params'][0]}"] = (
                        socket,
                        message["name"],
                    )
                    self.changed.notify_all()
                socket.send(json.dumps({"msg": "ready", "subs": [message["id"]]}))

    def _stream(self, stream: str, message: dict[str, Any]) -> None:
        """Send to the room's subscriber; a page that just opened the room is about to subscribe."""
        with self.changed:
            assert self.changed.wait_for(lambda: stream in self.streams, 10), f"no client follows {stream}"
        socket, name = self.streams[stream]
        message = {**message, "ts": {"$date": int(clock.now().timestamp() * 1000)}}
        fields = {"eventName": stream.partition("/")[2], "args": [message]}
        socket.send(json.dumps({"msg": "changed", "collection": name, "id": "id", "fields": fields}))
