"""Update the catalogues of the console's languages: run `make texts` after a change of texts.

Every text that is marked in `widget_server` is in each catalogue afterwards, and no other one. New texts are empty, so
pages show them in English until a translation is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from widget_server.core.catalogues import ENGLISH, FOLDER, LANGUAGES

PACKAGE = Path(__file__).parents[1] / "widget_server"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
#: Pages double percent signs in texts without values, too.
OPTIONS = {"**/templates/**.html": {"newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "marked": None, "format_text": (2,)}
#: Files whose errors people read in the console; those of other files are for back ends, which read English.
ERROR_METHODS = [
    (pattern, "python")
    for pattern in (
        "accounts/**.py",
        "auth/csrf.py",
        "auth/signed_in.py",
        "console/**.py",
        "invitations/manual.py",
        "outbound/deliveries.py",
        "settings/**.py",
        "sites/service.py",
        "sites/website.py",
        "web/translations.py",
    )
]
ERRORS = dict.fromkeys(("Conflict", "Forbidden", "Invalid", "NotFound", "Unauthorized"))
HEAD = """\
# {name}: the texts of the console, of its mails and of the agents' pages. `make texts` updates this file.
# Status: {status}
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def collect_texts() -> Catalog:
    """Return every marked text, and the texts of errors that people read."""
    template = Catalog()
    for methods, keywords in ((METHODS, KEYWORDS), (ERROR_METHODS, ERRORS)):
        for _file, _line, text, _comments, context in extract_from_dir(
            str(PACKAGE), methods, OPTIONS, keywords=keywords
        ):
            template.add(text, context=context)
    return template


def read_catalogue(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def missing_texts(catalogue: Catalog) -> Iterator[Message]:
    """Yield the texts of a catalogue that have no translation."""
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(forms):
            yield message


def write_catalogue(language: str, catalogue: Catalog) -> None:
    """Write a catalogue sorted by its texts and without places in the code, so that changes are small."""
    path = FOLDER / f"{language}.po"
    status = "reviewed" if path.exists() and "\n# Status: reviewed\n" in path.read_text("utf-8") else "machine"
    with path.open("wb") as file:
        file.write(HEAD.format(name=LANGUAGES[language], language=language, status=status).encode())
        write_po(file, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)


def main() -> None:
    template = collect_texts()
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        catalogue = read_catalogue(language)
        known_texts = {message.id for message in catalogue}
        catalogue.update(template, no_fuzzy_matching=True)
        unused_texts = known_texts - {message.id for message in template} - {""}
        write_catalogue(language, catalogue)
        missing = [str(message.id) for message in missing_texts(catalogue)]
        print(f"{language}.po: {len(missing)} texts to translate, {len(unused_texts)} unused ones removed")


if __name__ == "__main__":
    main()
