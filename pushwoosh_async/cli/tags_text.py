"""What do ``--tag NAME=JSON`` options say, and how are tags shown? Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pushwoosh_async.cli.complaints import BadInputError, printable
from pushwoosh_async.cli.words import listing


def tags_of(options: Sequence[str]) -> dict[str, Any]:
    """Return JSON values by tag name.

    Raises:
        BadInputError: one is no name, equals sign and JSON value, or a name comes twice. The value
            is not shown: it may be somebody's.
    """
    tags: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not name.strip() or not equals:
            raise BadInputError("--tag: must be a name, = and a JSON value, such as Age=30")
        if name in tags:
            raise BadInputError(f"--tag: {name!r} is given twice")
        tags[name] = _value(name, text)
    return tags


def _value(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    raise BadInputError(
        f"--tag: the value of {name!r} must be JSON: a number, true, null, a list, "
        "or a text in double quotes, which a shell needs in single ones: 'City=\"Paris\"'"
    )


def tags_listing(tags: Mapping[str, Any]) -> str:
    """Return the tags for people."""
    if not tags:
        return "No tags are set."
    shown = {name: json.dumps(tags[name], ensure_ascii=False) for name in sorted(tags)}
    return listing({printable(name): printable(value) for name, value in shown.items()})
