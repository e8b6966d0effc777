"""Texts of pages are marked, collected and shown in the user's language."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from tests.conftest import MadeSite
from widget_server.web import translations

from .conftest import Console

ROOT = Path(__file__).parents[2]
GERMAN = {"Sign in": "Anmelden", "Sites": "Websites"}


def texts(folder: Path) -> set[str]:
    """Return every marked text of templates and modules, collected as by `make texts`."""
    target = folder / "pages.pot"
    settings, package = ROOT / "pyproject.toml", ROOT / "widget_server"
    call = ["pybabel", "-q", "extract", "-F", str(settings), "-o", str(target), str(package)]
    CommandLineInterface().run(call)  # type: ignore[no-untyped-call]
    with target.open("rb") as file:
        return {str(message.id) for message in read_po(file)}


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add a German catalogue to the English texts."""
    catalogue = Catalog("de", domain=translations.DOMAIN)
    for english, words in GERMAN.items():
        catalogue.add(english, words)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / f"{translations.DOMAIN}.mo").write_bytes(compiled.getvalue())
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr(translations, "LANGUAGES", ["en", "de"])
    yield


@pytest.mark.slow
def test_marked_texts_are_collected(tmp_path: Path) -> None:
    assert set(GERMAN) <= texts(tmp_path)


def test_a_page_is_in_the_users_language(german: None, stranger: Console, client: FlaskClient) -> None:
    link = stranger.link()
    page = client.get(link, headers={"Accept-Language": "de-CH, de;q=0.9, en;q=0.5"}).text
    assert '<html lang="de">' in page
    assert "Anmelden" in page and "Sign in" not in page
    assert "This link signs you in once" in page, "a text without a translation stays in English"
    assert '<html lang="en">' in client.get(link, headers={"Accept-Language": "fr"}).text


def test_without_a_catalogue_every_page_is_in_english(site: MadeSite, stranger: Console, client: FlaskClient) -> None:
    page = client.get(stranger.link(), headers={"Accept-Language": "de"}).text
    assert '<html lang="en">' in page and "Sign in" in page
