"""The examples of the client libraries run unchanged: a face is pressed on their pages, and the votes are read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect
from tilfreds_client import Client

from tests.clients.test_javascript import install
from tests.factories import MadeSite
from tests.serve.server import free_port, wait_until
from tests.serving import Product
from tests.skip import skip_missing

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "clients"
EXPRESS = ROOT / "tests" / "clients" / "express" / "node_modules"
DJANGO = Path(sys.prefix) / "hosts" / "bin" / "python"


@dataclass
class Shop:
    name: str
    url: str
    client: Client


def flask_command(folder: Path, port: int) -> list[str]:
    app = str(CLIENTS / "python" / "examples" / "flask_shop.py")
    return [sys.executable, "-m", "flask", "--app", app, "run", "--port", str(port)]


def django_command(folder: Path, port: int) -> list[str]:
    if not DJANGO.exists():
        skip_missing("Django is not there: `make .venv/.hosts-installed`.")
    app = str(CLIENTS / "python" / "examples" / "django_shop.py")
    return [str(DJANGO), app, "runserver", "--noreload", f"127.0.0.1:{port}"]


def express_command(folder: Path, port: int) -> list[str]:
    if not EXPRESS.is_dir():
        skip_missing("Express is not there: `apt-get install npm`, then `make tests/clients/express/node_modules`.")
    install(folder)
    for module in EXPRESS.iterdir():
        (folder / "node_modules" / module.name).symlink_to(module)
    shutil.copy(CLIENTS / "javascript" / "examples" / "express-shop.mjs", folder)
    return [shutil.which("node") or skip_missing("`apt-get install nodejs`"), "express-shop.mjs"]


COMMANDS = {"flask": flask_command, "django": django_command, "express": express_command}


@pytest.fixture
def shop(request: pytest.FixtureRequest, product: Product, site: MadeSite, tmp_path: Path) -> Iterator[Shop]:
    """Yield the example of this name, running with the site's keys."""
    port = free_port()
    settings = {"TILFREDS": product.url, "SITE_KEY": site.key, "SIGNING_SECRET": site.signing_secret, "PORT": str(port)}
    paths = {"PYTHONPATH": str(CLIENTS / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = COMMANDS[request.param](tmp_path, port)
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**os.environ, **settings, **paths, "API_KEY": site.api_key},
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: answers(f"{url}/help/returns")), (tmp_path / "log").read_text()
        yield Shop(request.param, url, Client(product.url, site.api_key))
    finally:
        running.terminate()
        running.wait(10)


def answers(url: str) -> bool:
    try:
        urlopen(url).close()
    except HTTPError as error:
        error.close()
        return error.code == 401
    except (URLError, OSError):
        return False
    return True


def sign_in(page: Page, shop: Shop) -> None:
    answer = page.request.post(f"{shop.url}/sign-in", form={"visitor": 'ann "the shopper" <1>'}, max_redirects=0)
    assert answer.status in (302, 303)


def press(page: Page, choice: str) -> None:
    page.locator("tilfreds-rating").get_by_role("button", name=choice).click()
    expect(page.locator("tilfreds-rating").get_by_text("Saved")).to_be_visible()


@pytest.mark.parametrize("shop", COMMANDS, indirect=True)
def test_a_signed_in_visitor_rates(shop: Shop, page: Page, subtests: pytest.Subtests) -> None:
    """Start the example once for all its subtests."""
    sign_in(page, shop)
    with subtests.test("an article is rated"):
        page.goto(f"{shop.url}/help/returns")
        press(page, "Good")
        (vote,) = shop.client.votes(kind="article")
        assert (vote["subject"], vote["verified"]) == ("/help/returns", True)
        assert vote["visitor"] == 'ann "the shopper" <1>'
        assert vote["answer"] and vote["answer"]["sentiment"] == "positive"
    if shop.name in ("flask", "express"):
        with subtests.test("a chat is rated, and the desk shows it"):
            a_chat_is_rated_and_the_desk_shows_it(shop, page)
    if shop.name == "django":
        with subtests.test("the back end reads what was said of its articles"):
            (vote,) = page.request.get(f"{shop.url}/votes").json()["votes"]
            assert (vote["article"], vote["answer"]["sentiment"]) == ("/help/returns", "positive")


def a_chat_is_rated_and_the_desk_shows_it(shop: Shop, page: Page) -> None:
    ended = page.request.post(f"{shop.url}/chats", form={"text": "Where is my parcel?"}, max_redirects=0)
    chat = ended.headers["location"].rsplit("/", 1)[1]
    page.goto(f"{shop.url}/chats/{chat}")
    press(page, "Bad")
    (vote,) = shop.client.votes(kind="conversation")
    assert (vote["subject"], vote["agents"], vote["verified"]) == (chat, ["Sam"], True)
    page.goto(f"{shop.url}/desk/{chat}")
    expect(page.locator(f'[data-message-id="{chat}-2"] tilfreds-band')).to_contain_text("Bad")
