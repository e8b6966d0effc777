"""How often one source may call, and that no header that a caller sets makes it another source."""

from __future__ import annotations

import dataclasses
import ipaddress
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from widget_server import create_app
from widget_server.core.config import Config
from widget_server.core.errors import TooMany
from widget_server.web.rate_limits import Limiter
from widget_server.widget.ended import POLLS_PER_CHAT_PER_MINUTE

from ..applications import Applications
from ..conversations.concurrency import at_once
from ..conversations.rows import count
from ..factories import MadeSite, Make
from ..invitations.signing import signed
from .conftest import Page, press_id

LIMIT = 5
VISITOR = "203.0.113.7"
#: In front of this server, from the visitor's side.
PROXIES = ["192.0.2.9", "198.51.100.2", "198.51.100.3"]
HERE_ALONE = pytest.mark.parametrize("hops", [0], indirect=True)
SUBJECT = {"kind": "article", "subject": "/a"}


@pytest.fixture(params=[0, 1, 2], ids=lambda hops: f"{hops} proxies")
def hops(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def config(config: Config, hops: int) -> Config:
    return dataclasses.replace(
        config, trusted_proxies=hops, votes_per_source_per_minute=LIMIT, polls_per_source_per_minute=LIMIT
    )


def poll(page: Page, address: str, **headers: str) -> Any:
    """Poll once over a connection from `address`."""
    body = {"conversation": "c", "browser": press_id()}
    return page.post("poll", body, headers=headers, environ_base={"REMOTE_ADDR": address})


def through(hops: int, visitor: str, spoofed: str = "") -> tuple[str, str]:
    """Return the connection's address, and X-Forwarded-For as it arrives when `visitor` sent `spoofed` in it."""
    chain = [text for text in (spoofed, visitor, *PROXIES[:hops]) if text]
    return chain[-1], ", ".join(chain[:-1])


def count_allowed(answers: list[Any]) -> int:
    assert {answer.status_code for answer in answers} <= {204, 429}
    return sum(answer.status_code == 204 for answer in answers)


@HERE_ALONE
def test_a_malformed_key_is_not_counted(app: Flask, page: Page) -> None:
    """Keep no counter for long invented keys, or they would fill the memory."""
    limiter: Limiter = app.extensions["tilfreds_limiter"]
    storage: Any = limiter.local.storage
    for number in range(LIMIT + 1):
        for what in ("votes", "ended", "poll", "seen", "dismissed"):
            answer = page.client.post(f"/w/{'x' * 5_000}{number}/{what}", json={})
            assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_site")
    assert storage.counts == {}


SPOOFS = [
    "",
    "10.0.0.{}",
    "2001:db8::{}",
    "unknown",
    "127.0.0.1",
    "10.0.0.{}, 10.0.1.{}, 10.0.2.{}",
    ", ,",
    "\xff{}",
    "'; {}",
]


def test_no_spoofed_header_passes_the_limit(page: Page, hops: int) -> None:
    answers = []
    for number in range(4 * len(SPOOFS)):
        spoofed = SPOOFS[number % len(SPOOFS)].replace("{}", str(number))
        address, forwarded = through(hops, VISITOR, spoofed)
        others = {"X-Real-IP": f"10.9.0.{number}", "CF-Connecting-IP": f"10.8.0.{number}"}
        others |= {"Forwarded": f"for=10.7.0.{number}", "True-Client-IP": f"10.6.0.{number}", "X-Client-IP": "10.5.0.1"}
        answers.append(poll(page, address, **({"X-Forwarded-For": forwarded} if forwarded else {}), **others))
    assert count_allowed(answers) == LIMIT


def test_visitors_behind_the_trusted_proxies_are_separate_sources(page: Page, hops: int) -> None:
    for number in range(LIMIT + 2):
        address, forwarded = through(hops, f"203.0.113.{number}")
        answer = poll(page, address, **({"X-Forwarded-For": forwarded} if forwarded else {}))
        assert answer.status_code == 204


def test_an_untrusted_proxy_makes_all_visitors_one_source(page: Page, hops: int) -> None:
    """Ignore the header's other entries when there is one hop more than the trusted ones."""
    answers = []
    for number in range(3 * LIMIT):
        address, forwarded = through(hops + 1, f"203.0.113.{number}")
        answers.append(poll(page, address, **{"X-Forwarded-For": forwarded}))
    assert count_allowed(answers) == LIMIT


def test_an_address_in_another_form_causes_no_error(app: Flask, page: Page, hops: int) -> None:
    """Accept entries with a port, as some proxies send; entries that are not addresses count as one source."""
    for address in ("203.0.113.7:{}", "[2001:db8::7]:{}", "unknown", "_hidden", "", "not an address", "1.2.3.4.5"):
        app.extensions["tilfreds_limiter"] = Limiter("memory://")
        answers = []
        for number in range(2 * LIMIT):
            entry = address.replace("{}", str(40_000 + number))
            answers.append(poll(page, VISITOR, **{"X-Forwarded-For": ", ".join([entry] * max(hops, 1))}))
        assert count_allowed(answers) == LIMIT, address


def test_an_ipv6_visitor_is_counted_by_the_64(page: Page, hops: int) -> None:
    def call(address: str) -> Any:
        connection, forwarded = through(hops, address)
        return poll(page, connection, **({"X-Forwarded-For": forwarded} if forwarded else {}))

    home = ipaddress.ip_network("2001:db8:1:2::/64")
    spread = [str(home[number * 2**50 + number]) for number in range(4 * LIMIT)]
    assert count_allowed([call(address) for address in spread]) == LIMIT
    assert call("2001:0db8:0001:0002:ffff:ffff:ffff:ffff").status_code == 429, "however it is written"
    assert call("2001:db8:1:3::1").status_code == 204, "the next home is another"
    mapped = [call(f"::ffff:{VISITOR}") for _ in range(LIMIT)] + [call(VISITOR)]
    assert count_allowed(mapped) == LIMIT, "the same address, whichever socket it came by"


@HERE_ALONE
def test_only_the_first_of_a_burst_pass(page: Page) -> None:
    assert count_allowed(at_once([lambda: poll(page, VISITOR)] * 20)) == LIMIT


@HERE_ALONE
def test_an_error_says_when_to_retry_and_stores_nothing(app: Flask, article_page: Page) -> None:
    answers = [article_page.vote(SUBJECT) for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [200] * LIMIT + [429]
    refused = answers[-1]
    assert refused.get_json()["code"] == "too_many"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    assert count(app, "vote") == LIMIT


@HERE_ALONE
def test_another_site_has_separate_limits(page: Page, make: Make) -> None:
    assert count_allowed([poll(page, VISITOR) for _ in range(LIMIT + 1)]) == LIMIT
    other: MadeSite = make.site(name="Other")
    assert poll(Page(page.client, other.key, page.revision), VISITOR).status_code == 204


@pytest.fixture
def office(config: Config, applications: Applications) -> Iterator[FlaskClient]:
    """Yield a client of a server with the default limits, for many visitors behind one address."""
    usual = Config()
    names = ("votes_per_source_per_minute", "ended_per_source_per_minute", "polls_per_source_per_minute")
    usual_config = dataclasses.replace(config, **{name: getattr(usual, name) for name in names})
    with applications.lend(usual_config) as lent:
        yield lent.test_client()


@HERE_ALONE
@pytest.mark.slow
def test_many_open_chats_behind_one_address_may_all_ask(office: FlaskClient, page: Page) -> None:
    """Poll every 5 seconds, as pages do at most; polls of one chat do not use up another's report of an end."""
    chats = [dataclasses.replace(page, client=office, browser=press_id()) for _ in range(60)]
    assert count_allowed([chat.poll() for _ in range(60 // 5) for chat in chats]) == 12 * len(chats)
    assert chats[0].end().status_code == 200


@HERE_ALONE
def test_one_chat_that_asks_without_pause_is_slowed_alone(office: FlaskClient, page: Page) -> None:
    chat, other = (dataclasses.replace(page, client=office, browser=press_id()) for _ in range(2))
    answers = [chat.poll() for _ in range(3 * POLLS_PER_CHAT_PER_MINUTE)]
    assert count_allowed(answers) == POLLS_PER_CHAT_PER_MINUTE
    assert int(answers[-1].headers["Retry-After"]) <= 60
    office.environ_base["REMOTE_ADDR"] = "203.0.113.8"
    assert chat.poll().status_code == 429, "wherever it asks from"
    assert other.poll().status_code == 204


@HERE_ALONE
def test_a_signed_chat_is_counted_by_its_signature(office: FlaskClient, page: Page, site: MadeSite) -> None:
    proof = signed(site, 2**40, "ann", kind="conversation", subject="c1")
    chat = dataclasses.replace(page, client=office)
    answers = [chat.poll("c1", **proof, browser=None) for _ in range(2 * POLLS_PER_CHAT_PER_MINUTE)]
    assert count_allowed(answers) == POLLS_PER_CHAT_PER_MINUTE


@pytest.fixture
def strict(config: Config) -> Iterator[Flask]:
    """Yield an app of the same database that limits only each target."""
    strict_app = create_app(
        dataclasses.replace(config, votes_per_source_per_minute=10**6, votes_per_target_per_minute=LIMIT)
    )
    yield strict_app
    strict_app.extensions["tilfreds_engines"].dispose()


@HERE_ALONE
def test_one_target_takes_so_many_saves_from_wherever_they_come(strict: Flask, page: Page) -> None:
    here = dataclasses.replace(page, client=strict.test_client())
    token = here.end().get_json()["token"]
    answers = []
    for number in range(LIMIT + 2):
        here.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        answers.append(here.vote(token, 1 + number % 3).status_code)
    assert answers == [200] * LIMIT + [429] * 2
    other = dataclasses.replace(here, browser=press_id())
    assert other.vote(other.end("c2").get_json()["token"]).status_code == 200


def test_a_step_of_the_clock_neither_prolongs_nor_ends_a_limit(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    for name, step in (("back", -86_400.0), ("forward", 86_400.0)):
        with subtests.test(name), monkeypatch.context() as patch:
            limiter, wall, monotonic = Limiter("memory://"), time.time(), time.monotonic()
            limiter.hit("votes", "key", 1)
            patch.setattr(time, "time", lambda wall=wall, step=step: wall + step)
            with pytest.raises(TooMany) as refused:
                limiter.hit("votes", "key", 1)
            assert refused.value.retry_after in range(1, 61)
            patch.setattr(time, "monotonic", lambda monotonic=monotonic: monotonic + 61)
            limiter.hit("votes", "key", 1)
