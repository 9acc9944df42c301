"""What became of everybody? A verdict, a bar, and the six counts with their sum. Pure."""

from pushwoosh_async import SendReport
from pushwoosh_async.cli.html.chart import swatch
from pushwoosh_async.cli.html.figures import percent
from pushwoosh_async.cli.html.markup import Html, element, joined
from pushwoosh_async.cli.html.picture import RunPicture
from pushwoosh_async.cli.html.tables import table
from pushwoosh_async.cli.report_text import RECALLED, why_ended
from pushwoosh_async.cli.words import count, sentence

# In the order of the bar: what people ask for first comes first.
_MEANINGS = {
    "accepted": "The API took them, and delivers them in its own time.",
    "in_doubt": "They may have got it, or not: no clear answer came back.",
    "rejected": "The API refused them: nobody of them got it.",
    "not_sent": "They certainly did not get it.",
    "invalid": "Set aside: the id breaks a rule.",
    "duplicates": "Set aside: the id came before in the input.",
}

# Of a thousand: what is there is to be seen, even one of ten million.
_LEAST = 6


def outcome(picture: RunPicture) -> Html:
    """Return the verdict, the bar and the counts."""
    counts = {name: int(getattr(picture.report, name)) for name in _MEANINGS}
    return joined(
        *(element("p", said, class_="verdict") for said in verdict(picture)),
        _bar(counts, picture.report.total) if picture.report.total else Html(),
        _table(counts, picture.report.total, picture.recalled),
        *(element("p", said) for said in _remarks(picture.report)),
    )


def verdict(picture: RunPicture) -> list[str]:
    """Return in sentences how the run ended."""
    report = picture.report
    sentences = [_ending(picture)]
    if not report.input_complete:
        sentences.append("The source was not read to its end; what was not read is in no count.")
    if report.rejected or report.in_doubt:
        rejected = count(report.rejected, "recipient was", "recipients were")
        doubts = "is in doubt" if report.in_doubt == 1 else "are in doubt"
        sentences.append(f"{rejected} rejected, {report.in_doubt:,} {doubts}.")
    if picture.recalled:
        sentences.append(f"Of the accepted, {picture.recalled:,} were {RECALLED}.")
    return sentences


def _ending(picture: RunPicture) -> str:
    report = picture.report
    if picture.ended is None:
        return "No end is on record: its process was killed."
    if report.not_sent or not report.input_complete:
        return f"Ended early: {sentence(why_ended(report.stopped))}"
    if report.total == report.invalid + report.duplicates:
        return "There was nobody to send to."
    if report.rejected or report.in_doubt:
        return "Everything was sent, but not everything was accepted."
    return "Everything was sent and accepted."


def _bar(counts: dict[str, int], total: int) -> Html:
    parts = {name: max(1000 * n / total, _LEAST) for name, n in counts.items() if n}
    whole = sum(parts.values())
    drawn = []
    left = 0.0
    for name, part in parts.items():
        drawn.append(
            element(
                "rect",
                element("title", f"{_words(name)}: {counts[name]:,}"),
                x=left,
                y=0,
                width=1000 * part / whole,
                height=1,
                class_=f"fill part {_look(name)}",
            )
        )
        left += 1000 * part / whole
    said = ", ".join(f"{_words(name)} {n:,}" for name, n in counts.items() if n)
    return element(
        "svg",
        *drawn,
        class_="bar",
        viewBox="0 0 1000 1",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"Bar of the outcomes: {said}",
    )


def _table(counts: dict[str, int], total: int, recalled: int) -> Html:
    meanings = dict(_MEANINGS)
    if recalled:
        meanings["accepted"] = f"The API took them; {recalled:,} were {RECALLED}."
    rows = [
        [
            joined(swatch(_look(name)), f" {_words(name)}"),
            f"{counts[name]:,}",
            percent(counts[name], total),
            meaning,
        ]
        for name, meaning in meanings.items()
    ]
    caption = "Every recipient of the input that was read is in exactly one of these"
    foot = ["all", f"{total:,}", percent(total, total), ""]
    return table(caption, ["Outcome", "Recipients", "Share", "Meaning"], rows, foot, numbers=(1, 2))


def _remarks(report: SendReport) -> list[str]:
    remarks = []
    if report.unknown_devices:
        unknown = count(report.unknown_devices, "accepted id is", "accepted ids are")
        remarks.append(f"{unknown} unknown to the application.")
    if report.accepted_on_repeat:
        remarks.append(
            f"Of the accepted, {report.accepted_on_repeat:,} were accepted when their request was "
            "repeated: that they were sent to, and not passed over, rests on the server's word."
        )
    return remarks


def _words(name: str) -> str:
    return name.replace("_", " ")


def _look(name: str) -> str:
    return name.replace("_", "-")
