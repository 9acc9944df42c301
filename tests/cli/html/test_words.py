"""Texts, numbers and colours of a report."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async.cli.complaints import printable
from pushwoosh_async.cli.html.figures import amount, latency, length, percent, span
from pushwoosh_async.cli.html.markup import element
from pushwoosh_async.cli.html.style import STYLE
from pushwoosh_async.cli.html.track import steps

from .reading import read


@given(st.text(), st.text())
def test_a_text_comes_out_as_it_went_in(content: str, name: str) -> None:
    """As content and as an attribute, but for what cannot be printed; markup is left alone."""
    inner = element("em", content, class_="a")
    found = read(element("p", inner, content, aria_label=name))
    assert found.text == printable(content) * 2
    assert found.all("p")[0].attributes == {"aria-label": printable(name)}
    assert found.all("em")[0].attributes == {"class": "a"}


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (7.0, "7"), (0.25, "0.25"), (99.96, "100"), (1234.5, "1,234"), (20_000_000, "20,000,000")],
)  # fmt: skip
def test_amounts(value: float, words: str) -> None:
    """No more digits than a reader needs, and never an exponent."""
    assert amount(value) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "0 %"), (0, 9, "0 %"), (9, 9, "100 %"), (1, 8, "12.5 %"), (1, 20_000_000, "under 0.01 %"),
        (19_999_999, 20_000_000, "99.99 %"), (1, 3, "33.33 %"),
    ],
)  # fmt: skip
def test_shares(part: int, whole: int, words: str) -> None:
    """Only all of it is 100 %, and only nothing is 0 %."""
    assert percent(part, whole) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.001, "1 ms"), (0.211758, "212 ms"), (0.99999, "1 s"), (1.25, "1.25 s"), (213.2, "213 s"),
     (float("inf"), "longer than is measured")],
)  # fmt: skip
def test_latencies(seconds: float, words: str) -> None:
    """In the unit that fits."""
    assert latency(seconds) == words


def test_lengths_of_columns() -> None:
    """Every length that a column can have is said in one unit."""
    lengths = [length(step) for step, _ in zip(steps(), range(17), strict=False)]
    assert lengths == [
        "10 s", "20 s", "30 s", "1 min", "2 min", "5 min", "10 min", "15 min", "30 min", "1 h", "2 h",
        "3 h", "6 h", "12 h", "1 d", "2 d", "4 d",
    ]  # fmt: skip
    assert span(1_790_035_190, 30) == "21 Sep 23:59:50 to 00:00:20"


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_everything_stands_out_from_the_ground(scheme: int) -> None:
    """Texts by 4.5 to 1, shapes by 3 to 1 (WCAG 2, 1.4.3 and 1.4.11); rules are ornament."""
    blocks = re.findall(r":root\{([^}]*)\}", STYLE)
    colours = dict(re.findall(r"--([\w-]+):#([0-9a-f]+);", blocks[scheme]))
    ground = luminance(colours["ground"])
    assert len(colours) == 19
    for name, colour in colours.items():
        lighter, darker = sorted([luminance(colour), ground], reverse=True)
        contrast = (lighter + 0.05) / (darker + 0.05)
        if name in {"text", "soft", "link"}:
            assert contrast >= 4.5, name
        elif name not in {"ground", "panel", "rule"}:
            assert contrast >= 3, name
