"""The server's whole process group is killed between a press and its response, and started again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.back_end import Api, done
from tests.browser.main_job.krans import Agent, Visitor, ratings, votes
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import REQUESTS
from tests.factories import MadeSite
from tests.postgres import Postgres
from tests.serving import Product, running

#: The widget waits longer after each failed try, and the server may be slow to start.
RETRY_MS = 60_000


#: Before the commit the server has received nothing, so the database cannot matter.
CASES = [
    pytest.param("sqlite", False, id="sqlite-before the commit"),
    pytest.param("sqlite", True, id="sqlite-after the commit"),
    pytest.param("postgresql", True, id="postgresql-after the commit", marks=pytest.mark.postgresql),
]


@pytest.fixture(scope="module")
def mortal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Yield a server only for the tests of this file, each of which kills it."""
    folder = tmp_path_factory.mktemp("mortal")
    settings = {}
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        settings["database_url"] = server.create(folder.name)
    with running(folder, **settings) as serving:
        yield serving


@pytest.fixture
def product(mortal: Product) -> Product:
    """Return the server, restarted where an earlier test killed it."""
    if mortal.has_ended():
        mortal.started()
    return mortal


def history_of(api: Api, vote: dict[str, Any]) -> list[str]:
    """Return the word of every stored submission."""
    return [entry["answer"]["word"] for entry in done(api.get(f"/votes/{vote['id']}/history"))["history"]]


@pytest.mark.parametrize(("mortal", "committed"), CASES, indirect=["mortal"])
def test_a_press_is_one_vote_and_is_never_called_saved_too_soon(
    visitor: Visitor,
    agent: Agent,
    product: Product,
    site: MadeSite,
    api: Api,
    watch: Watch,
    committed: bool,
) -> None:
    visitor.chat("My chain slips on the climb")
    agent.open(product, site, "My chain slips on the climb")
    expect(visitor.face("Good")).to_be_visible()
    killed: list[bool] = []

    def kill_the_server(route: Route) -> None:
        if not killed:
            if committed:
                route.fetch()
            product.kill()
            killed.append(True)
        route.abort()

    visitor.page.route("**/votes", kill_the_server)
    watch.expect(failed(rf"({REQUESTS}|/console/\S+(\?fragment=\w+|/mark-read)|/live/events\S*)", "ERR_"))
    visitor.press("Good")
    expect(visitor.status).to_contain_text("Kept")
    assert killed
    assert not any("Saved" in words for words in visitor.said)

    product.started()
    visitor.page.unroute("**/votes")
    visitor.page.clock.fast_forward(RETRY_MS)
    # A repeated submission may get the receipt of the stored answer.
    expect(visitor.status).to_contain_text(re.compile("Saved|You answered Good"), timeout=RETRY_MS)
    (vote,) = votes(api)
    assert vote["answer"]["word"] == "Good"
    assert history_of(api, vote) == ["Good"]
    assert ratings(api, visitor.id) == [("rated", "Good", True)]
    expect(agent.bands).to_contain_text("Good", timeout=RETRY_MS)
    assert not agent.was_reloaded
