"""No byte of an erased visitor is left in the files of a server, its log included, nor after an older backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from widget_server.core import tokens

from ..conversations.talk import Talk, done
from ..serve.server import call_with
from ..serving import Product, running
from ..widget.conftest import Page

pytestmark = pytest.mark.slow
#: One mark in what the erased visitor wrote, and one in query and fragment of a page, which are never stored.
CANARY, SECRET = b"canary7f3a", b"secret9c1d"
OTHER = b"other8e2b"


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    with running(tmp_path / "data") as server:
        yield server


def files_with(folder: Path, mark: bytes) -> list[str]:
    """Return the files below a folder that hold a mark in any byte, free pages and logs of databases included."""
    return [path.name for path in folder.rglob("*") if path.is_file() and mark in path.read_bytes()]


def test_no_byte_of_an_erased_visitor_is_left(product: Product, tmp_path: Path) -> None:
    make = product.make
    site = make.site()
    browser: Any = product.client
    page, api = Page(browser, site.key, str(make.survey(site).revision)), make.back_end(site)
    for mark in (CANARY.decode(), OTHER.decode()):
        talk = Talk(api, page, visitor=f"person-{mark}", title=mark, customer_reference=mark, custom_fields={"f": mark})
        talk.say("visitor", mark)
        talk.chat()
        address = f"https://shop.example/help?token={SECRET.decode()}&mail=a@example.org#{SECRET.decode()}"
        # Many pages of the database, so that erased texts leave free pages behind.
        token = talk.ask()
        for rev in range(1, 12):
            done(page.vote(token, 1 + rev % 2, id=tokens.digest(mark)[:22], rev=rev, comment=mark * rev, page=address))
    backup = tmp_path / "backup.sqlite3"
    assert call_with(product.environ, "backup", str(backup)).returncode == 0
    assert files_with(product.folder, CANARY) and CANARY in backup.read_bytes()

    assert done(api.post(f"/visitors/person-{CANARY.decode()}/erase")) == {"conversations": 1}
    assert files_with(product.folder, CANARY) == []
    assert files_with(product.folder, OTHER), "another visitor's words stay"
    assert files_with(product.folder, SECRET) == []

    # After a kill the database's log stays, as after a power cut.
    product.kill()
    restored = call_with(product.environ, "restore", str(backup))
    assert (restored.returncode, "erased again" in restored.stdout) == (0, True), restored.stderr
    assert files_with(product.folder, CANARY) == []
    assert files_with(product.folder, OTHER)
    assert call_with(product.environ, "repeat-erasures").stdout == "Erasures repeated: 0.\n"
