"""Every JSON answer that the vendor's two pages show, as it stands there.

The files ``seeds/answer_*.json`` are named after the method; ``_refused`` is its answer to a fault.
"""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "seeds"


def seed_answer(name: str) -> dict[str, Any]:
    """Return one answer, envelope and all, such as that to ``"create_sms_message"``."""
    answer: dict[str, Any] = json.loads((_FOLDER / f"answer_{name}.json").read_text("utf-8"))
    return answer
