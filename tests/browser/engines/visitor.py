"""A visitor on a page of a site, in Firefox or WebKit."""

from __future__ import annotations

from typing import Any

from tests.back_end import done
from tests.browser.engines.drivers import Engine
from tests.browser.pages import Pages
from tests.browser.widget.reader import RATING
from tests.factories import MadeSite, Make
from tests.serve.server import wait_until
from tests.serving import Product

PAGE = """<!doctype html><html lang={lang} dir={dir}><meta charset=utf-8><title>Help</title>
<meta name=viewport content="width=device-width">
<script nonce=page>
  self.troubles = [];
  addEventListener("error", (event) => troubles.push(String(event.message)));
  addEventListener("unhandledrejection", (event) => troubles.push(String(event.reason)));
  addEventListener("securitypolicyviolation", (event) => troubles.push(event.violatedDirective + event.blockedURI));
</script><main><h1>Help</h1>{body}</main>{tag}</html>"""
ROOT = "const root = document.querySelector('tilfreds-rating').shadowRoot;"
#: The middle of the n-th button of the row, once it is in view; nothing while there is none.
PLACE = f"""{ROOT}
  const button = [...root.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility())[arguments[1]];
  if (!button) return null;
  button.scrollIntoView({{ block: "nearest" }});
  const {{ x, y, width, height }} = button.getBoundingClientRect();
  return width && [x + width / 2, y + height / 2, width, height];"""
LIT = f"{ROOT} return [...root.querySelectorAll('[role=group] [aria-pressed=true]')].map((one) => one.textContent)"
STATUS = f"{ROOT} return root.querySelector('output')?.textContent ?? ''"
CHOICE, LINK = "[role=group] button", "[part=link]"


class Visitor:
    """A visitor on a page of a site, in an engine."""

    def __init__(self, engine: Engine, pages: Pages, product: Product, make: Make, site: MadeSite) -> None:
        self.engine, self.pages, self.product, self.make, self.site = engine, pages, product, make, site

    def open(self, body: str = RATING, lang: str = "en", is_strict: bool = True) -> Visitor:
        """Open a page under the strictest policy, or under none."""
        host = self.product.url
        trusted = "require-trusted-types-for 'script'; trusted-types 'none'"
        policy = f"default-src 'none'; script-src 'nonce-page' {host}; connect-src {host}; img-src 'self'; {trusted}"
        tag = f'<script async src="{host}/w/{self.site.key}.js"></script>'
        direction = "rtl" if lang == "ar" else "ltr"
        page = PAGE.format(lang=lang, dir=direction, body=body, tag=tag)
        self.address = self.pages.put(page, headers={"Content-Security-Policy": policy} if is_strict else {})
        self.engine.open(self.address)
        return self

    def place(self, which: str, at: int = 0) -> list[float]:
        return self.engine.until(PLACE, which, at)

    def press(self, which: str, at: int = 0) -> None:
        x, y, *_ = self.place(which, at)
        self.engine.click(x, y)

    def says(self, words: str) -> None:
        self.engine.until(f"{STATUS.replace('return ', 'return (')}).includes(arguments[0])", words)

    def saved(self, **fields: Any) -> None:
        """Wait until the server has one vote with these fields; `score` is its answer's."""
        back_end = self.make.back_end(self.site)
        votes: list[dict[str, Any]] = []

        def is_stored() -> bool:
            votes[:] = done(back_end.get("/votes"))["votes"]
            answered = [{**vote, "score": vote["answer"]["score"]} for vote in votes if vote["answer"]]
            return [{name: vote[name] for name in fields} for vote in answered] == [fields]

        assert wait_until(is_stored), votes

    def no_trouble(self) -> None:
        assert self.engine.run("return troubles") == []
