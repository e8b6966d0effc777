"""Texts of pages are marked, collected and shown in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from flask.testing import FlaskClient

from tests.conftest import MadeSite
from widget_server.web import translations

from .conftest import Console

ROOT = Path(__file__).parents[2]
GERMAN = {"Sign in": "Anmelden", "Sites": "Websites"}


def texts() -> set[str]:
    """Every text that a template or a module marks, as `make texts` finds them."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(str(ROOT / "widget_server"), methods, options)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A German catalogue beside the English texts."""
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


def test_marked_texts_are_collected() -> None:
    assert set(GERMAN) <= texts()


def test_a_page_is_in_the_readers_language(german: None, stranger: Console, client: FlaskClient) -> None:
    link = stranger.link()
    page = client.get(link, headers={"Accept-Language": "de-CH, de;q=0.9, en;q=0.5"}).text
    assert '<html lang="de">' in page
    assert "Anmelden" in page and "Sign in" not in page
    assert "This link opens the console once" in page, "a text without a translation stays in English"
    assert '<html lang="en">' in client.get(link, headers={"Accept-Language": "fr"}).text


def test_without_a_catalogue_every_page_is_in_english(site: MadeSite, stranger: Console, client: FlaskClient) -> None:
    page = client.get(stranger.link(), headers={"Accept-Language": "de"}).text
    assert '<html lang="en">' in page and "Sign in" in page
