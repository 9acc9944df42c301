"""Every JSON request that the vendor's two pages show, as it stands there but for its comments.

The files ``seeds/request_*.json`` are named after the method and what the example is about. One is
mended: the Android example has a comma too many [ES:267-268].
"""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "seeds"


def seed_request(name: str) -> dict[str, Any]:
    """Return what lies under ``request`` in one example, such as ``"create_sms_message"``."""
    document = json.loads((_FOLDER / f"request_{name}.json").read_text("utf-8"))
    request: dict[str, Any] = document["request"]
    return request


def seed_notifications() -> dict[str, dict[str, Any]]:
    """Return the notification object of every createMessage example, by its file's name."""
    files = sorted(_FOLDER.glob("request_create_message_*.json"))
    names = [file.stem.removeprefix("request_") for file in files]
    return {name: seed_request(name)["notifications"][0] for name in names}
