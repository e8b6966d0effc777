"""A small shop for bicycle parts: a separate site that uses Tilfreds by tag and REST API, as any site does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, render_template, request

from .articles import ARTICLES, LANGUAGES
from .chats import Chat, Chats
from .client import Tilfreds, sign
from .links import Links
from .parts import PARTS

MAX_TEXT_LENGTH = 2000
#: The customer who is signed in on a page with `?signed=1`.
CUSTOMER = "customer-1001"
#: The text beside the chat for each status of an invitation.
STATUSES = {
    "asked": "Asked. The faces will appear on the page.",
    "shown": "Asked. The visitor has seen the faces.",
    "voted": "Asked and answered.",
    "dismissed": "Asked, and dismissed with “Not now”.",
    "withdrawn": "Asked, and withdrawn because the chat continued.",
    "expired": "Asked. The time to answer is over.",
}


@dataclass(frozen=True)
class Keys:
    """The shop's keys from the creation of its site in Tilfreds."""

    site_key: str
    api_key: str
    signing_secret: str

    @classmethod
    def read(cls, path: Path) -> Keys:
        values = json.loads(path.read_text())
        return cls(values["site_key"], values["api_key"], values["signing_secret"])


def create_shop(
    tilfreds_url: str,
    keys: Callable[[], Keys],
    agent_link: Links,
    *,
    widget_file: str = "/w/KEY.js",
    pace: float = 1.0,
) -> Flask:
    """Create the shop's application.

    `keys` is called for each request, because a reset demo has new keys. `agent_link` creates a sign-in link to the
    console, which only the demo does and no real site needs.
    """
    shop = Flask(__name__, static_folder="assets", static_url_path="/assets")
    shop.json.sort_keys = False  # type: ignore[attr-defined]
    chats = Chats(lambda: Tilfreds(tilfreds_url, keys().api_key), pace)
    shop.context_processor(lambda: {"site_file": tilfreds_url + widget_file.replace("KEY", keys().site_key)})
    shop.after_request(lambda response: _add_strict_policies(response, tilfreds_url))
    _add_pages(shop, agent_link)
    _add_chat(shop, chats, keys)
    return shop


def _add_strict_policies(response: Response, tilfreds_url: str) -> Response:
    """Add the strictest policies a site can have, to show that the tag works with them."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(tilfreds_url))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {origin}; connect-src 'self' {origin}; "
        "style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _add_pages(shop: Flask, agent_link: Links) -> None:
    @shop.get("/")
    def front() -> str:
        agent_link.prepare()
        return render_template("front.html", articles=ARTICLES)

    @shop.get("/shop")
    def parts() -> str:
        agent_link.prepare()
        return render_template("shop.html", parts=PARTS, signed="signed" in request.args)

    @shop.get("/help/<name>")
    def article(name: str) -> str:
        language = request.args.get("faces", "")
        return render_template(
            "article.html",
            article=ARTICLES.get(name) or abort(404),
            others=[other for key, other in ARTICLES.items() if key != name],
            languages=LANGUAGES,
            language=language if language in LANGUAGES else "",
        )

    @shop.get("/one-line")
    def one_line() -> str:
        return render_template("one_line.html")

    @shop.get("/agent")
    def agent() -> Any:
        return redirect(agent_link(), code=303)


def _add_chat(shop: Flask, chats: Chats, keys: Callable[[], Keys]) -> None:
    @shop.before_request
    def find_chat() -> None:
        chat_id = (request.view_args or {}).get("chat_id")
        if chat_id is not None:
            g.chat = chats.find(chat_id) or abort(404)

    @shop.post("/chats")
    def open_chat() -> dict[str, Any]:
        chat = chats.open()
        if not request.get_json().get("signed"):
            return {"conversation": chat.id}
        # The shop knows who is signed in and signs that with its secret; the page passes the signature on.
        return {"conversation": chat.id} | sign(
            keys().signing_secret, keys().site_key, kind="conversation", subject=chat.id, visitor=CUSTOMER
        )

    @shop.post("/chats/<chat_id>/messages")
    def write_message(chat_id: str) -> dict[str, Any]:
        request_body = request.get_json()
        text = _to_printable(str(request_body.get("text", ""))) or abort(422)
        facts = {name: str(request_body[name]) for name in ("browser", "page", "language") if request_body.get(name)}
        chats.write(g.chat, text, **facts | ({"visitor": CUSTOMER} if request_body.get("signed") else {}))
        return _to_json(g.chat)

    @shop.post("/chats/<chat_id>/end")
    def end_chat(chat_id: str) -> dict[str, Any]:
        chats.end(g.chat, by="agent" if request.get_json().get("by") == "agent" else "visitor")
        return _to_json(g.chat)

    @shop.get("/chats/<chat_id>")
    def read_chat(chat_id: str) -> dict[str, Any]:
        return _to_json(g.chat)

    @shop.get("/chats/<chat_id>/ledger")
    def list_invitations(chat_id: str) -> dict[str, Any]:
        chats.send_pending_calls(g.chat)
        invitations = chats.list_invitations(g.chat)
        return {"ledger": [{"status": row["status"], "words": _describe_invitation(row)} for row in invitations]}


def _to_printable(text: str) -> str:
    """Return the text without control characters and lone surrogates, which the API rejects."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t").strip()[:MAX_TEXT_LENGTH]


def _to_json(chat: Chat) -> dict[str, Any]:
    return {
        "messages": [{name: message[name] for name in ("author", "text", "sent_at")} for message in chat.messages],
        "is_writing": chat.answering is not None,
        "is_open": chat.is_open,
    }


def _describe_invitation(row: dict[str, Any]) -> str:
    text = f"Not asked: {row['reason_text']}." if row["status"] == "not_asked" else STATUSES[row["status"]]
    return f"Segment {row['segment']}: {text}" if row["segment"] > 1 else text
