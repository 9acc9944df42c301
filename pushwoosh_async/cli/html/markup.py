"""How does a text get into a page without becoming part of its markup? Everything is escaped that is not
an `Html` already. Pure.
"""  # noqa: D205 -- the reason belongs to the sentence

from html import escape

from pushwoosh_async.cli.complaints import printable

_WITHOUT_END = frozenset({"meta"})


class Html(str):
    """Markup that is ready: a plain str among the contents of an element is escaped, this is not."""


def element(tag: str, /, *inside: str, **attributes: str | float) -> Html:
    r"""Return an element.

    Args:
        tag: such as ``"td"``.
        inside: its content. A text is escaped, and what is not printable in it is written as ``\x1b``.
        attributes: ``class_`` stands for class, ``aria_label`` for aria-label; the values are escaped.
    """
    given = "".join(f' {_dashed(key)}="{_value(value)}"' for key, value in attributes.items())
    if tag in _WITHOUT_END:
        return Html(f"<{tag}{given}>")
    return Html(f"<{tag}{given}>{joined(*inside)}</{tag}>")


def joined(*parts: str) -> Html:
    """Return the parts one after the other, the texts among them escaped."""
    return Html("".join(part if isinstance(part, Html) else _escaped(part) for part in parts))


def number(value: float) -> str:
    """Return a coordinate: at most three decimals, which is finer than any screen."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _dashed(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return _escaped(value) if isinstance(value, str) else number(value)


def _escaped(text: str) -> str:
    return escape(printable(text))
