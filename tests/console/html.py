"""Parse a page into a tree of elements with their attributes and their text."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = {"br", "input", "link", "meta", "hr", "img"}


class Element:
    """One element, its children in order."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def all(self, name: str = "", **attributes: str) -> Iterator[Element]:
        """Yield descendants by name and attributes; `data_key` is `data-key`, `klass` one of the classes."""
        for child in self.children:
            if isinstance(child, Element):
                if child.fits(name, attributes):
                    yield child
                yield from child.all(name, **attributes)

    def one(self, name: str = "", **attributes: str) -> Element:
        elements = list(self.all(name, **attributes))
        assert len(elements) == 1, f"{len(elements)} of {name} {attributes}"
        return elements[0]

    def value(self, field: str) -> str:
        """Return the value of the form's input with this name."""
        return next(element["value"] for element in self.all("input") if element["name"] == field)

    def fits(self, name: str, attributes: dict[str, str]) -> bool:
        if name not in ("", self.name):
            return False
        for key, value in attributes.items():
            if key == "klass":
                if value not in self.attributes.get("class", "").split():
                    return False
            elif self.attributes.get(key.replace("_", "-")) != value:
                return False
        return True

    @property
    def text(self) -> str:
        """The visible text, with single spaces."""
        return " ".join("".join(self.pieces()).split())

    def pieces(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.name not in ("script", "style", "head"):
                yield from child.pieces()
        if self.name in ("p", "div", "dt", "dd", "li", "h1", "h2", "a", "summary", "section"):
            yield " "


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(text: str) -> Element:
    """Return the tree of a page; fail if its tags are not nested properly."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    assert builder.open == [builder.root], f"left open: {builder.open[-1].name}"
    return builder.root
