"""Where is the token? A canary and the ways to look for it, in texts, in objects and in errors.

Its two halves are what is searched for, so that one which was cut, escaped or quoted is found as well.
"""

import asyncio
import copy
import gc
import logging
import pickle
import traceback
import types
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

from pushwoosh_async._secret import Secret

# With the two characters that JSON and Python's repr escape.
TOKEN = 'canary7f3a1e"\\b2c9d4token'
# ... and one that a header can hold as it is.
PLAIN = "canary7f3a1e-b2c9d4token"
HALVES = ("canary7f3a1e", "b2c9d4token")
USER, CONTENT = "user-canary-51c8", "content-canary-77aa"
TESTS = str(Path(__file__).parents[1])


def shows(text: str | bytes | bytearray) -> bool:
    """Tell whether half of the token is in it."""
    if isinstance(text, str):
        return any(half in text for half in HALVES)
    return any(half.encode() in text for half in HALVES)


# The loop and its contexts lead to the test itself, which has the token by right.
_ELSEWTESTS = (types.ModuleType, type, asyncio.AbstractEventLoop, Context, Secret, logging.Logger)
_SUSPENDED = {
    types.CoroutineType: "cr_frame",
    types.GeneratorType: "gi_frame",
    types.AsyncGeneratorType: "ag_frame",
}


def inside(thing: object) -> list[Any]:
    """Return what an object holds, in attributes, slots, closures or C; no globals, no test's frame."""
    if isinstance(thing, _ELSEWTESTS):
        return []
    if isinstance(thing, types.FrameType):
        ours = not thing.f_code.co_filename.startswith(TESTS)
        return [thing.f_locals] if ours else []
    for kind, frame in _SUSPENDED.items():
        if isinstance(thing, kind):
            return [getattr(thing, frame)]
    if isinstance(thing, types.TracebackType):
        return [thing.tb_frame, thing.tb_next]
    if isinstance(thing, types.FunctionType):
        if thing.__code__.co_filename.startswith(TESTS):
            return []
        return [thing.__closure__, thing.__defaults__, thing.__kwdefaults__]
    if isinstance(thing, BaseException):
        return [*gc.get_referents(thing), getattr(thing, "__notes__", None)]
    return gc.get_referents(thing)


def reachable(*roots: object) -> Iterator[Any]:
    """Yield everything that can be reached from these, each once; a Secret is not looked into."""
    pending, seen = list(roots), dict[int, Any]()
    while pending:
        thing = pending.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing  # kept, so that no id is used again
        yield thing
        pending += inside(thing)


def holders(*roots: object) -> list[str]:
    """Return every text within reach that shows the token."""
    return [
        repr(bytes(thing) if isinstance(thing, bytearray) else thing)
        for thing in reachable(*roots)
        if isinstance(thing, (str, bytes, bytearray)) and shows(thing)
    ]


def shown_by(error: BaseException) -> str:
    """Return a traceback with all variables but those of the test's own frames."""
    pending, text = [traceback.TracebackException.from_exception(error, capture_locals=True)], ""
    while pending:
        one = pending.pop()
        text += "".join(one.format_exception_only())
        text += "".join(
            f"{frame.filename}:{frame.lineno} {frame.locals}\n"
            for frame in one.stack
            if not frame.filename.startswith(TESTS)
        )
        pending += [each for each in (one.__cause__, one.__context__) if each is not None]
        pending += one.exceptions or []
    return text


def ways_to_show(thing: object) -> Iterator[str]:
    """Show an object in every way there is."""
    yield repr(thing)
    yield str(thing)
    yield f"{thing}"
    yield ascii(thing)
    if hasattr(thing, "__dict__"):
        yield repr(vars(thing))
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        try:
            yield repr(copied(thing))
        except Exception as error:  # noqa: BLE001 -- what cannot be copied shall not show it either
            yield f"{error!r} {error}"
