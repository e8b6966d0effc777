"""Read the tags of a page in time proportional to its length, however broken it is.

`html.parser` needs hours for two megabytes of `<a <a <a`, so a stranger with a page that is checked could stop the
server with it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

#: Elements whose content is text until their end tag.
RAW = ("script", "style")
_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
_BETWEEN_ATTRIBUTES = re.compile(r"[\s/]*")
_ATTRIBUTE_NAME = re.compile(r"=?[^\s/>=]*")
_SPACE = re.compile(r"\s*")
_UNQUOTED = re.compile(r"[^\s>]*")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW}


class Token(NamedTuple):
    """A piece of a page: the name of a start or end tag, or the text of a comment or of content."""

    kind: Literal["start", "end", "comment", "text"]
    text: str
    attributes: dict[str, str] = {}


def read_tokens(text: str) -> Iterator[Token]:
    """Yield the tags, comments and texts of a page. As in browsers, an unfinished tag at the end is dropped."""
    text_start = position = 0
    while (position := text.find("<", position)) >= 0:
        is_tag = _NAME.match(text, position + 1) or text.startswith(("<!", "<?", "</"), position)
        if not is_tag:
            position += 1
            continue
        if position > text_start:
            yield Token("text", text[text_start:position])
        token, position = _read_tag(text, position)
        if token:
            yield token
        if token and token.kind == "start" and token.text in RAW:
            end = _RAW_END[token.text].search(text, position)
            yield Token("text", text[position : end.start() if end else len(text)])
            position = end.start() if end else len(text)
        text_start = position
    if text_start < len(text):
        yield Token("text", text[text_start:])


def _read_tag(text: str, start: int) -> tuple[Token | None, int]:
    """Return what begins with the `<` at `start`, None if it has no meaning, and the position after it."""
    if text.startswith("<!--", start):
        end = text.find("-->", start + 2)
        end = len(text) if end < 0 else end
        return Token("comment", text[start + 4 : end]), min(end + 3, len(text))
    name = _NAME.match(text, start + 1)
    if name:
        attributes, position = _read_attributes(text, name.end())
        return None if attributes is None else Token("start", name[0].lower(), attributes), position
    end_name = _NAME.match(text, start + 2) if text.startswith("</", start) else None
    end = text.find(">", start)
    position = len(text) if end < 0 else end + 1
    return Token("end", end_name[0].lower()) if end_name and end >= 0 else None, position


def _read_attributes(text: str, position: int) -> tuple[dict[str, str] | None, int]:
    """Return the attributes of a start tag and the position after it; None if the tag does not end."""
    attributes: dict[str, str] = {}
    while True:
        position = _end(_BETWEEN_ATTRIBUTES, text, position)
        if position >= len(text):
            return None, len(text)
        if text[position] == ">":
            return attributes, position + 1
        name_end = _end(_ATTRIBUTE_NAME, text, position)
        name, value, position = text[position:name_end].lower(), "", _end(_SPACE, text, name_end)
        if text[position : position + 1] == "=":
            position = _end(_SPACE, text, position + 1)
            quote = text[position : position + 1]
            if quote in ("'", '"'):
                value_start, position = position + 1, text.find(quote, position + 1)
                if position < 0:
                    return None, len(text)
                value, position = text[value_start:position], position + 1
            else:
                value_end = _end(_UNQUOTED, text, position)
                value, position = text[position:value_end], value_end
        attributes.setdefault(name, _unescape(value))


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return where a pattern that also matches nothing ends."""
    match = pattern.match(text, position)
    return match.end() if match else position


def _unescape(value: str) -> str:
    try:
        return html.unescape(value)
    except ValueError:
        """A reference with thousands of digits is no character."""
        return value
