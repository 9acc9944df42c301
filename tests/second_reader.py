r"""A second reading of filters, to hold the parser against: Python's own grammar does the work.

Python has two operators of equal rank, ``+`` and ``-``, and one that binds tighter, ``/``, all from
left to right: what ``+``, ``*`` and ``\`` are to the filter language. So the signs are exchanged,
and Python's parser makes the tree. Knows valid filters only.
"""

import ast
import re
from typing import Any

from pushwoosh_async.targeting.applications import App, AppGroup
from pushwoosh_async.targeting.filters import Filter
from pushwoosh_async.targeting.tag_test import TagTest

_SIGNS = {"*": "-", "\\": "/"}


def read(text: str) -> Filter:
    """Return the tree of a valid filter."""
    pieces = re.findall(r'"[^"]*"|[^"]', text)
    python = "".join(_SIGNS.get(piece, piece) for piece in pieces)
    return _tree(ast.parse(f"({python})", mode="eval").body)


def _tree(node: ast.expr) -> Filter:
    if isinstance(node, ast.BinOp):
        left, right = _tree(node.left), _tree(node.right)
        if isinstance(node.op, ast.Add):
            return left | right
        return left & right if isinstance(node.op, ast.Sub) else left - right
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    values = [_value(argument) for argument in node.args]
    match node.func.id:
        case "T":
            return TagTest(*values)
        case "AT":
            return App(values[0]).tag(TagTest(*values[1:]))
        case "A":
            return App(values[0], platforms=values[1] if values[1:] else None)
    return AppGroup(values[0], platforms=values[1] if values[1:] else None)


def _value(node: ast.expr) -> Any:
    return node.id if isinstance(node, ast.Name) else ast.literal_eval(node)
