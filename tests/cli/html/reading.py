"""What does a browser find in a document? Its elements, its texts and its tables."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from pushwoosh_async.cli.html.page import render
from pushwoosh_async.cli.html.picture import RunPicture


@dataclass
class Element:
    """An element, with all that is in it."""

    tag: str
    attributes: dict[str, str]
    inside: "list[Element | str]" = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words, and those of all that is in it."""
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)

    def all(self, tag: str) -> "list[Element]":
        """Every element of this kind in it, in order."""
        found = []
        for part in self.inside:
            if isinstance(part, Element):
                found += [part] if part.tag == tag else []
                found += part.all(tag)
        return found

    def looks_like(self, look: str) -> bool:
        """Whether it bears this class."""
        return look in self.attributes.get("class", "").split()

    def rows(self) -> list[list[str]]:
        """The cells of a table, its head and foot too."""
        return [
            [cell.text for cell in row.inside if isinstance(cell, Element)]
            for row in self.all("tr")
        ]


class _Reader(HTMLParser):
    """Reads a document, and refuses one whose elements are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.kinds: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag}: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.kinds.append(" ".join([tag, *names]))
        self.open[-1].inside.append(element)
        if tag != "meta":
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def _read(document: str) -> _Reader:
    reader = _Reader()
    reader.feed(document)
    reader.close()
    assert reader.open == [reader.root]
    return reader


def read(document: str) -> Element:
    """Read a document, or a part of one."""
    return _read(document).root


def kinds(document: str) -> list[str]:
    """Every element in order: its tag and the names of its attributes."""
    return _read(document).kinds


def section(picture: RunPicture, heading: str) -> Element:
    """The section of a report under this heading."""
    sections = read(render(picture)).all("section")
    return next(each for each in sections if each.all("h2")[0].text == heading)
