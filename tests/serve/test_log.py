"""The log of a real server at its most verbose level, which contains no personal data and no secrets."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.back_end import Api, done
from tests.databases import BOTH
from tests.factories import MadeSite
from tests.postgres import Postgres
from tests.serving import Product
from tests.widget.conftest import Page, press_id
from widget_server.backup import postgresql
from widget_server.core import tokens

pytestmark = pytest.mark.server
ADDRESS = "203.0.113.77"
ARTICLE = {"kind": "article", "subject": "/returns"}
#: Rows that the database rejects, with the row in the error message where the database adds it.
FAILS = {"message": "external_id = 'fails'", "conversation": "title = 'fails'", "vote": "rev = 9"}


@pytest.fixture(params=BOTH)
def product(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    settings: dict[str, Any] = {"log_level": "debug", "trusted_proxies": 1, "backup_keep_days": 0}
    server: Postgres | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        settings["database_url"] = server.create("canary")
    started_product = Product(tmp_path / "data", **settings)
    started_product.started()
    plant(started_product)
    yield started_product
    started_product.end()
    if server is not None:
        server.drop("canary")


def plant(product: Product) -> None:
    """Let the database reject some rows, as it does after an unexpected error."""
    url = product.environ.get("DATABASE_URL")
    if url is not None:
        with psycopg.connect(postgresql.conninfo(url)) as connection:
            for name, fails in FAILS.items():
                connection.execute(f"ALTER TABLE {name} ADD CONSTRAINT planted CHECK (({fails}) IS NOT TRUE)")
        return
    with closing(sqlite3.connect(product.folder / "tilfreds.sqlite3", timeout=30)) as connection:
        for name, fails in FAILS.items():
            for what in ("INSERT", "UPDATE"):
                connection.execute(
                    f"CREATE TRIGGER planted_{name}_{what} BEFORE {what} ON {name} WHEN NEW.{fails}"
                    " BEGIN SELECT RAISE(ABORT, 'planted'); END"
                )
        connection.commit()


@dataclass
class Day:
    """All kinds of requests to one server, and every text in them that must not be logged."""

    product: Product
    #: By name.
    secrets: dict[str, str] = field(default_factory=lambda: {"address": ADDRESS})

    def secret(self, name: str, value: str = "") -> str:
        self.secrets[name] = value or f"canary-{name}"
        return self.secrets[name]

    def run(self) -> None:
        site = self.product.make.site()
        self.secret("api-key", site.api_key)
        self.secret("signing-secret", site.signing_secret)
        chat, article = self.product.make.survey(site), self.product.make.survey(site, "article")
        forwarded = Forwarded(self.product)
        page = Page(forwarded, site.key, str(chat.revision))  # type: ignore[arg-type]
        self.secret("browser", page.browser)
        api = Api(forwarded, site.api_key)
        self.talk(api, page)
        self.rate(page, Page(forwarded, site.key, str(article.revision)))  # type: ignore[arg-type]
        self.sign_in(forwarded)
        self.follow(api, site)
        done(api.post(f"/visitors/{self.secrets['visitor']}/erase"))

    def talk(self, api: Api, page: Page) -> None:
        facts = {
            "visitor": self.secret("visitor"),
            "customer_reference": self.secret("reference"),
            "page": f"https://shop.example/{self.secret('page')}?{self.secret('query')}",
            "custom_fields": {"vat": self.secret("custom-field")},
        }
        path = f"/conversations/{self.secret('conversation')}"
        done(api.put(path, {**facts, "browser": tokens.digest(page.browser)}))
        for author in ("visitor", "agent"):
            done(api.post(f"{path}/messages", {"external_id": author, "author": author, "text": self.secret("text")}))
        failing = {"external_id": "fails", "author": "visitor", "text": self.secret("refused-text")}
        assert api.post(f"{path}/messages", failing).status_code == 500
        assert api.put(path, {**facts, "title": "fails"}).status_code == 500

    def rate(self, page: Page, reader: Page) -> None:
        token = self.secret("token", done(page.end(self.secrets["conversation"]))["token"])
        press = self.secret("press", press_id())
        words: dict[str, Any] = {
            "comment": self.secret("comment"),
            "page": f"https://shop.example/?{self.secret('vote-query')}",
        }
        done(page.vote(token, 3, id=press, **words))
        assert page.vote(token, 1, id=press, rev=9, comment=self.secret("refused-comment")).status_code == 500
        assert page.vote(f"{token}x", 1, comment=self.secret("unproven-comment")).status_code == 403
        assert page.vote(token, 99, comment=self.secret("off-the-scale")).status_code == 422
        assert page.post("votes", {"comment": self.secret("shapeless")}).status_code == 422
        done(reader.vote({**ARTICLE, "subject": self.secret("subject")}, 2, comment=self.secret("readers-comment")))

    def sign_in(self, client: Forwarded) -> None:
        link = self.product.owner_link().removeprefix(self.product.url)
        path, _, token = link.partition("#")
        self.secret("link", token)
        assert client.get(path).status_code == 200
        signed_in = http.client.HTTPConnection("127.0.0.1", self.product.port)
        headers = {"X-Forwarded-For": ADDRESS, "Content-Type": "application/x-www-form-urlencoded"}
        for code, status in ((f"{token}x", 403), (token, 303)):
            signed_in.request("POST", path, f"code={code}", headers)
            answer = signed_in.getresponse()
            answer.read()
            assert answer.status == status
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        self.secret("cookie", cookie.partition("=")[2])
        signed_in.close()
        assert client.get("/console/", headers={"Cookie": cookie}).status_code == 200

    def follow(self, api: Api, site: MadeSite) -> None:
        agent = self.product.make.agent(site)
        token = self.secret("live-token", done(api.post("/agent-tokens", {"agent": agent}))["token"])
        live = http.client.HTTPConnection("127.0.0.1", self.product.port + 1)
        bearer = {"Authorization": f"Bearer {token}", "X-Forwarded-For": ADDRESS}
        live.request("GET", f"/live/events?after={self.secret('after')}", headers=bearer)
        assert live.getresponse().status == 200
        live.close()
        for port in (self.product.port, self.product.port + 1):
            for line in (
                f"{self.secret('method', 'CANARYMETHOD')} / HTTP/1.1",
                f"GET /live/{token} HTTP/9.9",
                f"GET /w/{self.secrets['token']}",
                token,
            ):
                with socket.create_connection(("127.0.0.1", port), timeout=5) as raw, contextlib.suppress(OSError):
                    raw.sendall(f"{line}\r\nHost: {token}\r\n{token}\r\n\r\n".encode())
                    raw.recv(100)


class Forwarded:
    """The product's client, called as a proxy does for a visitor."""

    def __init__(self, product: Product) -> None:
        self.client = product.client

    def open(self, path: str, *, headers: Any = None, **options: Any) -> Any:
        return self.client.open(path, headers={**(headers or {}), "X-Forwarded-For": ADDRESS}, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.open(path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.open(path, method="POST", **options)


def test_the_log_contains_no_personal_data_or_secrets(product: Product) -> None:
    day = Day(product)
    day.run()
    assert product.stop() == 0
    log = product.output()
    assert log.count("IntegrityError") >= len(FAILS), "the database's rejections are logged"
    assert "a request could not be read" in log, "and so are requests that make no sense"
    assert "POST /w/<key>/votes 200" in log and "POST /console/sign-in/link 303" in log
    assert {name: value for name, value in day.secrets.items() if value in log} == {}
