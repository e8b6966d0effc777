"""Pages of a helpdesk: one with the element among its messages, one with the frame in its side bar."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator, Page

from tests.back_end import Api
from tests.browser.agent import Desk
from tests.browser.pages import Pages
from tests.conversations.talk import Talk
from tests.serving import Product

#: A page that shows messages as a helpdesk does; `show` renders all of them again.
HELPDESK = """<!doctype html><html lang=en><meta charset=utf-8><title>Helpdesk</title>
<script async src="{agent}"></script><script src="{desk}"></script>
<main></main><tilfreds-ratings conversation="{conversation}" token="{token}"></tilfreds-ratings>"""
DESK = """function show(...ids) {
  document.querySelector("main").replaceChildren(...ids.map((id) => {
    const message = document.createElement("div");
    message.dataset.messageId = id;
    message.textContent = `Message ${id}`;
    return message;
  }));
}
/* As a virtualised list: a few elements, filled again with the messages that come into view. */
function list(...ids) {
  const HEIGHT = 120, SHOWN = 4;
  const box = document.querySelector("main"), room = document.createElement("div");
  const rows = Array.from({ length: SHOWN }, () => room.appendChild(document.createElement("div")));
  Object.assign(box.style, { height: `${HEIGHT * SHOWN}px`, overflow: "auto" });
  Object.assign(room.style, { height: `${HEIGHT * ids.length}px`, position: "relative" });
  const fill = () => {
    const first = Math.min(Math.floor(box.scrollTop / HEIGHT), ids.length - SHOWN);
    for (let at = first; at < first + SHOWN; at++) {
      const row = rows[at % SHOWN];
      if (row.dataset.messageId == ids[at]) continue;
      row.dataset.messageId = ids[at];
      row.textContent = `Message ${ids[at]}`;
      Object.assign(row.style, { position: "absolute", top: `${at * HEIGHT}px` });
    }
  };
  box.replaceChildren(room);
  box.addEventListener("scroll", fill);
  fill();
}"""


class Helpdesk:
    def __init__(self, product: Product, pages: Pages, page: Page, desk: Desk) -> None:
        self.product, self.pages, self.page, self.desk = product, pages, page, desk
        self.urls: list[str] = []
        page.on("request", lambda request: self.urls.append(request.url))

    def open(self, talk: Talk, token: str, *messages: str) -> None:
        """Open the page under the strictest policy that docs/guides/agents.md promises to support."""
        live = self.live_origin(talk)
        policy = (
            f"default-src 'none'; script-src {self.product.url} {self.pages.url}; "
            f"connect-src {self.product.url} {live}; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        desk = self.pages.put("<!doctype html>", "/desk.js", {"Content-Type": "text/javascript"})
        self.pages.pages["/desk.js"] = (DESK.encode(), {"Content-Type": "text/javascript"})
        helpdesk_page = HELPDESK.format(
            agent=f"{self.product.url}/agent.js", desk=desk, conversation=talk.id, token=token
        )
        self.page.goto(self.pages.put(helpdesk_page, headers={"Content-Security-Policy": policy}))
        self.show(*messages)

    def live_origin(self, talk: Talk) -> str:
        return str(self.token_answer(talk)["live_url"]).removesuffix("/live/events")

    def token_answer(self, talk: Talk) -> dict[str, str]:
        back_end = self.product.make.back_end(self.desk.site)
        answer = back_end.post("/agent-tokens", {"agent": "anna", "conversation": talk.id})
        body: dict[str, str] = answer.get_json()
        return body

    def show(self, *messages: str) -> None:
        self.page.evaluate("ids => show(...ids)", list(messages))

    def under(self, message: str) -> Locator:
        return self.page.locator(f'[data-message-id="{message}"] [part=band]')


SIDE_BAR = """<!doctype html><html lang=en><meta charset=utf-8><title>Helpdesk</title>
<iframe title="Ratings" {more} width=320 height=640 src="{src}"></iframe>
<script>addEventListener("message", (event) => {{ (self.events ??= []).push([event.origin, event.data]) }})</script>"""


class SideBar:
    """A page of the helpdesk with the frame in it."""

    def __init__(self, product: Product, pages: Pages, page: Page, desk: Desk) -> None:
        self.product, self.pages, self.page, self.desk = product, pages, page, desk
        self.urls: list[str] = []
        page.on("request", lambda request: self.urls.append(request.url))

    def allow(self, *origins: str) -> None:
        self.back_end.patch("/site", {"agent_origins": list(origins)})

    @property
    def back_end(self) -> Api:
        return self.product.make.back_end(self.desk.site)

    def token(self, conversation: str = "", agent: str = "anna") -> str:
        fields = {"conversation": conversation} if conversation else {}
        token: str = self.back_end.post("/agent-tokens", {"agent": agent, **fields}).get_json()["token"]
        return token

    def src(self, conversation: str, token: str, more: str = "") -> str:
        path = f"{self.product.url}/embed/transcript/{self.desk.site.key}"
        return f"{path}#conversation={conversation}&token={token}{more}"

    def open(self, src: str, origin: str = "", more: str = "") -> None:
        address = self.pages.put(SIDE_BAR.format(src=src.replace("&", "&amp;"), more=more))
        self.page.goto(address.replace(self.pages.url, origin or self.pages.url))

    def set_src(self, src: str) -> None:
        self.page.locator("iframe").evaluate("(frame, src) => { frame.src = src }", src)

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    @property
    def segments(self) -> Locator:
        return self.frame.locator("li")

    @property
    def note(self) -> Locator:
        return self.frame.locator(".note")

    @property
    def sign(self) -> Locator:
        return self.frame.locator("header p")
