"""How is a table written? With a caption, headings that say what they head, and room to scroll. Pure."""

from collections.abc import Collection, Sequence

from pushwoosh_async.cli.html.markup import Html, element


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    foot: Sequence[str] = (),
    numbers: Collection[int] = (),
) -> Html:
    """Return a table. The first cell of a row heads it.

    Args:
        caption: what the table holds.
        head: of its columns.
        rows: cells: texts, or markup.
        foot: a last row of sums; empty for none.
        numbers: which columns hold numbers, from 0.
    """
    headings = (_cell("th", text, at in numbers, scope="col") for at, text in enumerate(head))
    body = [
        element("caption", caption),
        element("thead", element("tr", *headings)),
        element("tbody", *(_row(cells, numbers) for cells in rows)),
    ]
    if foot:
        body.append(element("tfoot", _row(foot, numbers)))
    # With a keyboard only what can be focused can be scrolled.
    return element(
        "div",
        element("table", *body),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=caption,
    )


def _row(cells: Sequence[str], numbers: Collection[int]) -> Html:
    first, *others = cells
    return element(
        "tr",
        _cell("th", first, 0 in numbers, scope="row"),
        *(_cell("td", cell, at in numbers) for at, cell in enumerate(others, 1)),
    )


def _cell(tag: str, text: str, is_number: bool, **attributes: str) -> Html:
    looks = {"class_": "number"} if is_number else {}
    return element(tag, text, **attributes, **looks)
