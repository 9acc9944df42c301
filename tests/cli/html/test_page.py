"""A report is one document that loads nothing, runs nothing, names nobody and tells the numbers."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from adversity.story import Story
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async import SendReport
from pushwoosh_async.cli.html.page import render
from pushwoosh_async.cli.html.picture import Interval, RunPicture

from .campaign import campaign, chunk
from .reading import kinds, read, section

CAMPAIGN = campaign()
DOCUMENT = render(CAMPAIGN)
EMPTY = replace(CAMPAIGN, report=SendReport(), intervals=())
SMALL = replace(
    CAMPAIGN,
    report=SendReport(accepted=1500, requests=2, seconds=0.4),
    intervals=(Interval(start=CAMPAIGN.created, requests=2, accepted=1500, latencies={0.1: 2}),),
)

TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "h3", "p",
    "code", "div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "figure",
    "figcaption", "ul", "li", "svg", "path", "rect", "text", "details", "summary", "dl", "dt", "dd",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "role", "aria-label", "aria-hidden",
    "focusable", "tabindex", "scope", "viewbox", "preserveaspectratio", "x", "y", "width", "height", "d",
    "text-anchor",
}  # fmt: skip


@pytest.mark.row("R23")
@pytest.mark.parametrize("picture", [CAMPAIGN, EMPTY, SMALL], ids=["campaign", "empty", "small"])
def test_nothing_is_loaded_and_nothing_runs(picture: RunPicture, story: Story) -> None:
    """No script, no link, no image, no attribute that could fetch or act; every element is closed."""
    document = render(picture)
    found = [kind.split() for kind in kinds(document)]
    assert {tag for tag, *_ in found} <= TAGS
    assert {name for _, *names in found for name in names} <= ATTRIBUTES
    style = read(document).all("style")[0].text
    reaching = re.findall(r"url|@import|@font-face|src|expression", style)
    assert reaching == []
    scripts = [tag for tag, *_ in found if tag not in TAGS]
    story.saw(f"{len(scripts)} elements that run, {len(reaching)} things that are loaded")


@pytest.mark.row("R23")
def test_the_policy_allows_this_style_and_nothing_else(story: Story) -> None:
    """A browser holds the style sheet against the hash: a wrong one would leave the page bare."""
    page = read(DOCUMENT)
    (style,) = page.all("style")
    metas = [each.attributes for each in page.all("meta")]
    (policy,) = [each["content"] for each in metas if "http-equiv" in each]
    digest = b64encode(sha256(style.text.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    story.saw(f"policy: {policy.split('; ')[0]}, and one style by its hash")


def test_the_encoding_is_told_first() -> None:
    """Browsers look for it in the first 1024 bytes."""
    assert DOCUMENT.startswith("<!DOCTYPE html>\n")
    assert '<meta charset="utf-8">' in DOCUMENT[:200]


def test_the_same_run_gives_the_same_document() -> None:
    """No clock and no chance in it; and the order of the intervals does not matter."""
    backwards = replace(CAMPAIGN, intervals=CAMPAIGN.intervals[::-1])
    assert render(campaign()) == DOCUMENT == render(backwards)


def test_nobody_is_named() -> None:
    """Outcomes hold ids and unknown devices; a report never does."""
    assert CAMPAIGN.report.rejected_chunks[0].ids == ("SECRET-ID",)
    assert "SECRET" not in DOCUMENT


hostile = st.text(
    st.sampled_from("<>&\"'/=;{} ab\x00\x1b\x7f\x85\n\r\u2028\u202e\ud800\U0001f600"), max_size=30
) | st.sampled_from(["</title><script>", "</style>", "--><!--", '" onload="x', "<![CDATA["])


@settings(max_examples=50)
@given(st.lists(hostile, min_size=6, max_size=6))
def test_texts_from_elsewhere_stay_texts(texts: list[str]) -> None:
    """Whatever a server or a user wrote, the elements are the same, and a file can hold the document."""

    def of(title: str, application: str, url: str, stopped: str, reason: str, name: str) -> str:
        outcome = evolve(chunk(0, "rejected", reason, 1), transaction_id=name)
        report = SendReport(
            rejected=1000, not_sent=5, stopped=stopped,
            rejected_chunks=(outcome,), in_doubt_chunks=(outcome,),
        )  # fmt: skip
        return render(
            replace(SMALL, title=title, application=application, base_url=url, report=report)
        )

    document = of(*texts)
    assert kinds(document) == kinds(of(*["x"] * 6))
    document.encode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", document)


def test_a_reason_is_shown_as_it_came() -> None:
    """Escaped once, not twice."""
    report = SendReport(
        rejected=1000, rejected_chunks=(chunk(0, "rejected", 'a <b> & "c"\x1b', 1),)
    )
    listed = section(replace(CAMPAIGN, report=report), "Rejected").all("table")[0].rows()
    assert listed[1][3] == 'a <b> & "c"\\x1b'


def test_the_in_doubt_list() -> None:
    """Each chunk with its place in the input, its attempts, its reason and its transaction."""
    found = section(CAMPAIGN, "In doubt")
    assert "They may have got the message, or not." in found.text
    rows = found.all("table")[0].rows()
    first = CAMPAIGN.report.in_doubt_chunks[0]
    assert len(rows) == 1 + len(CAMPAIGN.report.in_doubt_chunks)
    assert rows[1] == [
        "3,301,001 to 3,302,000", "1,000", "5", "HTTP 503, no repeat fitted the window",
        first.transaction_id,
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "more"), [(300, ""), (301, "1 chunk"), (4300, "4,000 chunks")])
def test_a_long_list_is_cut(number: int, more: str) -> None:
    """After 300 chunks it says how many more there are, and where they can be had."""
    chunks = tuple(chunk(at, "in_doubt", "lost", 1) for at in range(number))
    report = SendReport(in_doubt=number * 1000, in_doubt_chunks=chunks)
    found = section(replace(CAMPAIGN, report=report), "In doubt")
    assert len(found.all("tbody")[0].all("tr")) == 300
    assert f"{number:,} chunks in doubt" in found.text
    wanted = f"And {more} more: export them with pushwoosh-async export."
    assert wanted in found.text if more else "more" not in found.text


def test_the_head_of_the_page() -> None:
    """What it was, for how many, when, how long it took, and how fast it was."""
    header = read(DOCUMENT).all("header")[0]
    assert [each.text for each in header.all("h1")] == ["Autumn sale, all regions"]
    assert header.all("p")[0].text == (
        "19,451,389 users of 8D2F1-77A0C, 2026-11-20 09:00 UTC, 40 min 39 s, 7,960 accepted a second"
    )
    assert "a second" not in read(render(EMPTY)).all("header")[0].text


def test_the_facts_of_the_run() -> None:
    """Which run it was, where it went, when, and how it was sent."""
    found = section(CAMPAIGN, "The run")
    names = [each.text for each in found.all("dt")]
    facts = dict(zip(names, (each.text for each in found.all("dd")), strict=True))
    assert facts == {
        "Application": "8D2F1-77A0C",
        "Sent to": "https://api.pushwoosh.com",
        "Run": "0d9f4e8e-5a53-4a0c-9b57-9a3f2c7b1e64",
        "Created": "2026-11-20 09:00:04 UTC",
        "Ended": "2026-11-20 10:35:44 UTC",
        "Time at work": "40 min 39 s",
        "Requests": f"{CAMPAIGN.report.requests:,}, {CAMPAIGN.report.retries:,} of them repeats",
        "In a chunk": "1,000 users",
        "At once": "16 requests",
        "Made with": "pushwoosh_async 0.4.0",
    }


def test_an_order_that_is_not_that_of_a_file() -> None:
    """Where each message had its own text; else nothing is said of it."""
    own = replace(EMPTY, of_each=True)
    assert "Positions are counted from 1, message by message" in read(render(own)).text
    assert "message by message" not in read(render(EMPTY)).text


def test_a_run_of_nothing() -> None:
    """Every section says that there is nothing, and no chart is drawn."""
    page = read(render(EMPTY))
    assert not page.all("figure")
    for words in (
        "There was nobody to send to.",
        "No request was made.",
        "No attempt came to an end.",
    ):
        assert words in page.text
    assert "Nobody is in doubt." in page.text
    assert "Nobody was rejected." in page.text


def test_a_run_of_a_moment() -> None:
    """One column is no course; the latencies are still told."""
    page = read(render(SMALL))
    assert not page.all("figure")
    assert not page.all("details")
    assert "All of it happened within 10 s" in page.text
    assert ["all", "100 ms"] in section(SMALL, "Latency").all("table")[0].rows()


def test_who_does_not_see_is_told() -> None:
    """Charts and tables have names, columns have headings, and headings skip no level."""
    page = read(DOCUMENT)
    assert page.all("html")[0].attributes["lang"] == "en"
    levels = [int(kind[1]) for kind in kinds(DOCUMENT) if re.fullmatch(r"h[1-6]", kind)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in page.all("table"):
        assert table.all("caption")[0].text
        assert all(cell.attributes["scope"] for cell in table.all("th"))
    for drawing in [each for kind in ("svg", "div") for each in page.all(kind)]:
        if drawing.attributes.get("role") == "img":
            assert len(drawing.attributes["aria-label"]) > 20
    assert len(page.all("figure")) == 4


def test_a_run_of_two_days_is_a_page() -> None:
    """17,280 intervals are drawn as some two hundred columns, in less than half a megabyte."""
    many = tuple(
        replace(CAMPAIGN.intervals[at % 200], start=CAMPAIGN.created + 10 * at)
        for at in range(17_280)
    )
    document = render(replace(CAMPAIGN, intervals=many))
    assert len(document.encode()) < 500_000
    rows = read(document).all("details")[0].all("table")[0].rows()[1:]
    assert 150 < len(rows) <= 200
    assert sum(int(row[1].replace(",", "")) for row in rows) == sum(each.requests for each in many)


def test_whom_going_on_would_settle() -> None:
    """It says so of a killed run only."""
    told = "Going on within a few minutes of the kill"
    assert told in section(replace(CAMPAIGN, settles=True), "In doubt").text
    assert told not in section(CAMPAIGN, "In doubt").text


def test_chunks_are_listed_in_the_order_of_the_input() -> None:
    """Whichever ended first; one id is no range, and it is said where counting begins."""
    refused = [chunk(n, "rejected", "no", 1) for n in (7, 2)]
    refused.append(evolve(refused[0], start=777, stop=778, recipients=1))
    report = evolve(CAMPAIGN.report, rejected_chunks=tuple(refused))
    (table,) = section(replace(CAMPAIGN, report=report), "Rejected").all("table")
    heading, *listed = [row[0] for row in table.rows()]
    assert heading.endswith("(counted from 1)")
    assert listed == ["778", "2,001 to 3,000", "7,001 to 8,000"]
