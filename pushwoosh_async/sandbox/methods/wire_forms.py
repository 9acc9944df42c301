"""How does the vendor write dates, texts and objects in its answers? [api.md 1.3, 1.5]. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime


def timestamp(seconds: float) -> str:
    """Return seconds since 1970 as ``YYYY-MM-DD HH:MM:SS``, in UTC: the zone is a guess."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def localised(text: object) -> object:
    """Return a text by language; nothing is an empty list. That plain text is English is a guess."""
    if isinstance(text, str) and text:
        return {"en": text}
    return text if isinstance(text, dict) and text else []


def custom_data(value: object) -> Mapping[str, object] | None:
    """Return a message's ``data`` as an object, though it may have come as JSON text [ES:69]."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None
