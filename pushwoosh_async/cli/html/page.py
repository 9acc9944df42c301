"""How did a run go? One HTML document that loads nothing, runs nothing and says all of it. Pure."""

from base64 import b64encode
from hashlib import sha256

from pushwoosh_async import SendReport
from pushwoosh_async.cli.html.chunk_lists import chunk_list
from pushwoosh_async.cli.html.course_table import course_table
from pushwoosh_async.cli.html.figures import moment
from pushwoosh_async.cli.html.latencies import latencies_of
from pushwoosh_async.cli.html.markup import Html, element, joined
from pushwoosh_async.cli.html.outcome import outcome
from pushwoosh_async.cli.html.over_time import over_time
from pushwoosh_async.cli.html.picture import RunPicture
from pushwoosh_async.cli.html.style import STYLE
from pushwoosh_async.cli.html.track import lay_out
from pushwoosh_async.cli.report_text import COUNTED_IN_EACH, GONE_ON, IN_DOUBT, in_order
from pushwoosh_async.cli.words import count, duration

# Nothing may be loaded or run, and no style but the one that this hash is of. So even a text that got
# past the escaping could do nothing.
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def render(picture: RunPicture) -> str:
    """Return the report of a run as an HTML document, to be written in UTF-8.

    It names no recipient. The same picture gives the same document. Of a run of two days it is
    about a quarter of a megabyte.
    """
    track = lay_out(picture.intervals)
    report = picture.report
    main = element(
        "main",
        element("header", element("h1", picture.title), element("p", _subtitle(picture))),
        _section("Outcome", outcome(picture)),
        _section("Course", over_time(track, report.requests)),
        _section("Latency", latencies_of(track), course_table(track)),
        _section("In doubt", *_in_doubt(report, settles=picture.settles)),
        _section("Rejected", *_rejected(report)),
        _section("The run", _facts(picture)),
    )
    page = element("html", _head(picture.title), element("body", main), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _head(title: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title}: report of a run"),
        element("style", Html(STYLE)),
    )


def _section(heading: str, *inside: str) -> Html:
    return element("section", element("h2", heading), *inside)


def _subtitle(picture: RunPicture) -> str:
    pace = ""
    if picture.report.seconds > 0:
        pace = f", {picture.report.accepted / picture.report.seconds:,.0f} accepted a second"
    return (
        f"{picture.report.total:,} {picture.kind} of {picture.application}, "
        f"{moment(picture.created):%Y-%m-%d %H:%M} UTC, {duration(picture.report.seconds)}{pace}"
    )


def _in_doubt(report: SendReport, *, settles: bool) -> list[str]:
    if not report.in_doubt_chunks:
        return [element("p", "Nobody is in doubt.")]
    caption = f"{count(len(report.in_doubt_chunks), 'chunk')} in doubt"
    return [
        element("p", " ".join([*IN_DOUBT.split(), *([GONE_ON] if settles else [])])),
        chunk_list(caption, in_order(report.in_doubt_chunks)),
    ]


def _rejected(report: SendReport) -> list[str]:
    if not report.rejected_chunks:
        return [element("p", "Nobody was rejected.")]
    caption = (
        f"{count(len(report.rejected_chunks), 'chunk')} rejected: nobody of these got the message"
    )
    return [chunk_list(caption, in_order(report.rejected_chunks))]


def _facts(picture: RunPicture) -> Html:
    report = picture.report
    facts = {
        "Application": picture.application,
        "Sent to": picture.base_url,
        "Run": picture.run_id,
        "Created": f"{moment(picture.created):%Y-%m-%d %H:%M:%S} UTC",
        "Ended": "-" if picture.ended is None else f"{moment(picture.ended):%Y-%m-%d %H:%M:%S} UTC",
        "Time at work": duration(report.seconds),
        "Requests": f"{report.requests:,}, {report.retries:,} of them repeats",
        "In a chunk": f"{picture.chunk_size:,} {picture.kind}",
        "At once": count(picture.concurrency, "request"),
        "Made with": f"pushwoosh_async {picture.library}",
    }
    if picture.of_each:
        facts["Order"] = COUNTED_IN_EACH
    rows = (
        element("div", element("dt", name), element("dd", fact)) for name, fact in facts.items()
    )
    return joined(element("dl", *rows))
