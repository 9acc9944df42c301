"""The rules that several platforms' own fields share: badges, colours, priorities."""

import re
from typing import Any

from pushwoosh_async.models.rules import between, matching, must, one_of

_STEP = re.compile(r"[+-][0-9]+", re.ASCII)


def _is_badges(value: Any) -> bool:
    return bool(_STEP.fullmatch(value)) if isinstance(value, str) else value >= 0


valid_badges = must("be a number from 0, or a text such as '+1' or '-1'", _is_badges)
led_colour = matching("be a colour as '#rrggbb'", "#[0-9A-Fa-f]{6}")

# The vendor's list of names ends in "etc."
icon_colour = matching(
    "be a colour as '#RRGGBB' or '#AARRGGBB', or its name",
    "#[0-9A-Fa-f]{6}|#[0-9A-Fa-f]{8}|[A-Za-z]+",
)
priority_range = between(-2, 2)
delivery_priorities = one_of("normal", "high")
