"""The names of subjects. An article or page is named by its path."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from ..core.errors import Invalid

KINDS_WITH_PATHS = ("article", "page")
MAX_NAME_LENGTH = 500
#: Bytes outside ASCII as browsers send them in a path.
ENCODED_LETTERS = re.compile("(?:%[89A-F][0-9A-F])+", re.IGNORECASE)
#: Some pages keep their path in the fragment. What follows a question mark there may be a heading or a secret.
HASH_ROUTE = re.compile(r"!?/[^?#]*")
#: The ends of a path that name the same article: `/guide`, `/guide/` and `/guide/index.html`.
PATH_END = re.compile(r"/(index\.html?)?$")


def to_name(kind: str, subject: str) -> str:
    """Return the stored name of a subject.

    An article or page is named by its path with readable letters, without query, and without fragment, unless that is
    a path itself: both may contain secrets.

    Raises:
        Invalid: the subject is malformed, empty or too long.
    """
    if kind not in KINDS_WITH_PATHS:
        return _check_length(subject)
    path, route = subject, ""
    if "//" in subject[:8] or "?" in subject or "#" in subject:
        try:
            address = urlsplit(subject)
        except ValueError as error:
            raise Invalid("Subject is not a valid address; send the path of the page.", pointer="/subject") from error
        match = HASH_ROUTE.match(address.fragment)
        path, route = address.path, f"#{match[0]}" if match else ""
    if not path and not route:
        raise Invalid("Subject must not be empty; send the path of the page.", pointer="/subject")
    return _check_length(ENCODED_LETTERS.sub(_decode_letters, shorten_path(path) + PATH_END.sub("", route)))


def shorten_path(path: str) -> str:
    """Return a path without the ends that name the same article. The start page keeps its slash."""
    if not path.startswith("/"):
        return path or "/"
    return PATH_END.sub("", path) or "/"


def _decode_letters(encoded: re.Match[str]) -> str:
    """Return percent-encoded letters decoded, or unchanged if they are not printable UTF-8."""
    try:
        text = unquote(encoded[0], errors="strict")
    except UnicodeDecodeError:
        return encoded[0]
    return text if text.isprintable() else encoded[0]


def _check_length(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH:
        raise Invalid(f"Subject must have at most {MAX_NAME_LENGTH} characters.", pointer="/subject")
    return name
