"""Which values can go on the wire: what JSON or UTF-8 cannot hold is refused, with its path."""

import json
import math
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from pushwoosh_async._wire.converter import step
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.rules import Rule

# APNs and FCM refuse a larger push, when the API has long accepted it [docs sending-errors].
MAX_PUSH_BYTES = 4096

# Signed: a larger number is beyond what common JSON readers keep as an integer.
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def check_json(path: str, value: Any) -> None:
    """Check every text and number in `value`, whose types and depth the converter has checked.

    Raises:
        ConfigurationError: a lone surrogate, an int beyond 64 bits, NaN or an infinity; names the
            path to it, as in ``data.items[3]``.
    """
    if isinstance(value, str):
        _check_text(path, value)
    elif isinstance(value, dict | list | tuple):
        _check_inside(path, value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ConfigurationError(f"{path}: JSON has no NaN and no infinity")
    elif isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
        raise ConfigurationError(f"{path}: must fit in 64 bits")


def _check_inside(path: str, value: dict[str, Any] | Sequence[Any]) -> None:
    if isinstance(value, dict):
        if not _plain_texts((*value, *value.values())):
            for key, item in value.items():
                _check_text(f"{path}{step(key)}", key)
                check_json(f"{path}{step(key)}", item)
    elif not _plain_texts(value):
        for index, item in enumerate(value):
            check_json(f"{path}[{index}]", item)


def _plain_texts(items: Sequence[Any]) -> bool:
    """Tell, at C speed, that all are ASCII texts; False means look closer."""
    return {str}.issuperset(map(type, items)) and "".join(items).isascii()


def _check_json_text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        return
    try:
        json.loads(value, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        pass
    else:
        return
    raise ConfigurationError(f"{name}: a str must hold JSON; pass a dict to have it encoded")


# A text that is nested too deep to be read is none.
json_if_text = Rule("hold JSON, if it is a text", _check_json_text)


def encoded_size(value: Any) -> int:
    """Return how many bytes a value takes as JSON."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _warn_of_size(name: str, value: Any) -> None:
    size = len(value.encode()) if isinstance(value, str) else encoded_size(value)
    if size > MAX_PUSH_BYTES:
        # Always the same words, so that a run over many such messages warns once.
        warnings.warn(
            f"{name}: takes over {MAX_PUSH_BYTES} bytes of JSON: Apple and Google refuse such a push, "
            "after the API has accepted it",
            stacklevel=2,
        )


fits_a_push = Rule(f"take at most {MAX_PUSH_BYTES} bytes of JSON (else a warning)", _warn_of_size)


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError


def _check_text(path: str, text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        pass
    else:
        return
    raise ConfigurationError(f"{path}: holds half of a surrogate pair, which UTF-8 cannot encode")
