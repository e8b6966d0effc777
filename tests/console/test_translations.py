"""Pages of the console in the language of their reader."""

from __future__ import annotations

import functools
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from docs.texts import PACKAGE, collect_texts
from tests.conftest import MadeSite
from widget_server.console.assets import read_files
from widget_server.console.script_texts import SCRIPT_TEXTS
from widget_server.core.catalogues import translate_to
from widget_server.inbox.transcripts import to_suspicion
from widget_server.invitations.rules import to_reason_text

from .conftest import Console


def test_a_page_is_in_the_browsers_language(
    site: MadeSite, stranger: Console, client: FlaskClient, subtests: pytest.Subtests
) -> None:
    link = stranger.link()
    for accepted, language, words in (
        ("de-CH, de;q=0.9, en;q=0.5", "de", "Anmelden"),
        ("fr, da;q=0.5", "da", "Log ind"),
        ("nn", "nb", "Logg på"),
        ("sv-SE", "sv", "Logga in"),
        ("fr", "en", "Sign in"),
        ("", "en", "Sign in"),
    ):
        with subtests.test(accepted=accepted):
            response = client.get(link, headers={"Accept-Language": accepted})
            assert f'<html lang="{language}">' in response.text and words in response.text
            assert "Accept-Language" in response.vary


def test_an_error_is_in_the_browsers_language(site: MadeSite, client: FlaskClient) -> None:
    page = client.get("/console/", headers={"Accept-Language": "da"}).text
    assert "Logget ud" in page


def test_an_error_in_a_form_is_in_the_language_of_the_page(app: Flask) -> None:
    client, german = app.test_client(), {"Accept-Language": "de"}
    form = {"email": "ann@shop.example", "password": "wrong"}
    assert "Unbekannte E-Mail-Adresse" in client.post("/console/sign-in", data=form, headers=german).text
    page = client.post("/console/sign-in/link", data={"code": "nothing"}, headers=german).text
    # The hint in the error is translated, too.
    assert "Ungültiger Link: Kopieren Sie den ganzen Link, oder erstellen Sie mit" in page


def test_pages_look_for_the_texts_that_are_collected(site: MadeSite, client: FlaskClient) -> None:
    """Pages and the collection must agree on percent signs and on white space."""
    collected = {message.id for message in collect_texts()}
    environment = client.application.jinja_env
    environment_texts: set[object] = set()
    for template in sorted(PACKAGE.glob("console/templates/**/*.html")):
        for _line, _function, text in environment.extract_translations(template.read_text("utf-8")):  # type: ignore[attr-defined]
            forms = tuple(form for form in text if form) if isinstance(text, tuple) else (text,)
            environment_texts.add(forms if len(forms) > 1 else forms[0])
    # Of a text that is not literal, such as `_(label)`.
    environment_texts.discard(None)
    assert len(environment_texts) > 300
    assert environment_texts <= collected


def test_scripts_have_their_texts_in_the_language_of_the_page(
    site: MadeSite, stranger: Console, client: FlaskClient
) -> None:
    scripts = "".join(content.decode() for name, content in read_files().items() if name.endswith(".js"))
    assert set(re.findall(r'\btranslate\("([^"]+)"', scripts)) == set(SCRIPT_TEXTS)
    link = stranger.link()
    page = client.get(link, headers={"Accept-Language": "sv"}).text
    block = re.search(r"<script type=\"application/json\" data-texts>(.*?)</script>", page)
    assert block is not None
    texts = json.loads(block[1])
    assert set(texts) == set(SCRIPT_TEXTS) and texts["Copied"] == "Kopierat"
    assert "data-texts" not in client.get(link).text


def test_reasons_and_remarks_are_in_the_language_of_the_page() -> None:
    context = {"by": {"name": "Ann"}, "note": "a test"}
    assert to_reason_text("manual", context) == "closed without asking by Ann: a test"
    translate = functools.partial(translate_to, "da")
    assert to_reason_text("manual", context, translate) == "lukket uden at spørge af Ann: a test"
    suspicion = to_suspicion("suspected", "surge")
    assert suspicion == "not counted: unusually many votes in this hour"
    assert translate(suspicion) == "tælles ikke med: usædvanligt mange svar i denne time"
