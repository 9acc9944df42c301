"""How is what the library returns written for machines? Pure."""

import inspect
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def document(value: object) -> Any:
    """Return the JSON form of a result: its fields by name, times in ISO 8601.

    `raw`, the answer as it came, is left out: the fields are what it means.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: document(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [document(item) for item in value]
    names = inspect.get_annotations(type(value))
    return {name: document(getattr(value, name)) for name in names if name != "raw"}
