"""Find words and names that CONTRIBUTING.md rules out. `python -m tests.plain_language PATH…` lists them."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: What a native engineer would not write, with what to write in its place.
BANNED_WORDS = {
    r"nobody|somebody|everybody|anybody": "name the person: the visitor, the agent, no user",
    r"whoever": "name the person, or write “a caller that”",
    r"anew": "again",
    r"of (its|their|his|her|our) own": "separate, or leave it out",
    r"(is|are|was|were|be) told": "receives, is sent, knows",
    r"stands?": "is, exists, applies, appears",
    r"struck|unseen": "excluded, unread: docs/glossary.md",
}
#: A participle says what happened to a thing and leaves out which thing it is.
LONE_PARTICIPLES = frozenset(
    {"asked", "chosen", "done", "drawn", "found", "given", "heard", "held", "kept", "known", "left", "lost", "made"}
    | {"meant", "named", "said", "seen", "sent", "served", "shown", "standing", "struck", "taken", "told", "wanted"}
    | {"written"}
)
#: A docstring begins with a verb.
QUESTION_WORDS = re.compile(r"(what|who|whoever|whose|whether|where|how|why|which|that|when)\b", re.IGNORECASE)
_BANNED = [(re.compile(rf"\b({words})\b", re.IGNORECASE), instead) for words, instead in BANNED_WORDS.items()]
_ANY_BANNED = re.compile(rf"\b({'|'.join(BANNED_WORDS)})\b", re.IGNORECASE)
_JAVASCRIPT_NAME = re.compile(r"\b(?:const|let|var|function)\s+(?:\[|\{)?\s*([A-Za-z_$][\w$]*)")
_JAVASCRIPT_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)


class Violation(NamedTuple):
    line: int
    text: str
    advice: str


def banned_words(text: str, first_line: int = 1) -> Iterator[Violation]:
    """Yield each banned word of a prose text. Code in backticks is left out."""
    for number, line in enumerate(text.splitlines(), first_line):
        prose = re.sub(r"`[^`]*`", "", line)
        for pattern, instead in _BANNED:
            for match in pattern.finditer(prose):
                yield Violation(number, match.group(), instead)


def in_python(source: str) -> Iterator[Violation]:
    """Yield the violations in comments, docstrings and names of a Python module."""
    yield from _in_texts(source)
    nodes = list(ast.walk(ast.parse(source)))
    fields = _field_names(nodes)
    for node in nodes:
        yield from _docstring_opening(node)
        if node in fields:
            continue
        name = _stored_name(node)
        if name is not None and name.strip("_") in LONE_PARTICIPLES:
            yield Violation(getattr(node, "lineno", 1), name, "add the noun: existing_vote, response_body")


def _in_texts(source: str) -> Iterator[Violation]:
    """Yield the banned words of comments and docstrings."""
    if not _ANY_BANNED.search(source):
        # Splitting a module into tokens takes longer than all other checks of it.
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith(('"""', 'r"""'))
        if token.type == tokenize.COMMENT or is_docstring:
            yield from banned_words(token.string, token.start[0])


def _field_names(nodes: list[ast.AST]) -> set[ast.AST]:
    """Return the names of annotated fields: a field such as `asked: bool` is named by the API."""
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    return {field.target for one in classes for field in one.body if isinstance(field, ast.AnnAssign)}


def _docstring_opening(node: ast.AST) -> Iterator[Violation]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    docstring = ast.get_docstring(node)
    if docstring and QUESTION_WORDS.match(docstring):
        yield Violation(node.lineno + 1, docstring.split("\n")[0], "begin with a verb: Return …, Store …")


def _stored_name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.arg if isinstance(node, ast.arg) else None


def in_javascript(source: str) -> Iterator[Violation]:
    """Yield the violations in comments and declared names of a script."""
    for comment in _JAVASCRIPT_COMMENT.finditer(source):
        yield from banned_words(comment.group(), source.count("\n", 0, comment.start()) + 1)
    for match in _JAVASCRIPT_NAME.finditer(source):
        if match.group(1) in LONE_PARTICIPLES:
            line = source.count("\n", 0, match.start()) + 1
            yield Violation(line, match.group(1), "add the noun: existingVote, responseBody")


def in_template(source: str) -> Iterator[Violation]:
    """Yield the banned words of an HTML template, its comments included; expressions are left out."""
    return banned_words(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source))


def in_document(source: str) -> Iterator[Violation]:
    """Yield the banned words of a Markdown page outside code blocks."""
    return banned_words(re.sub(r"(?ms)^```.*?^```", lambda block: "\n" * block.group().count("\n"), source))


CHECKS = {
    ".py": in_python,
    ".js": in_javascript,
    ".mjs": in_javascript,
    ".html": in_template,
    ".md": in_document,
}


def violations(path: Path) -> list[Violation]:
    """Return the violations of one file, in the order of its lines."""
    return sorted(CHECKS[path.suffix](path.read_text("utf-8")))


def files_of(*roots: Path) -> list[Path]:
    """Return every file below the roots that has a check, vendored and built ones left out."""
    left_out = {"dist", "vendor", "node_modules", "build", "versions", "__pycache__"}
    return [
        path
        for root in roots
        for path in ([root] if root.is_file() else sorted(root.rglob("*")))
        if path.suffix in CHECKS and path.is_file() and not left_out & set(path.parts)
    ]


if __name__ == "__main__":
    for path in files_of(*map(Path, sys.argv[1:])):
        for line, text, advice in violations(path):
            print(f"{path}:{line}: {text} ({advice})")
