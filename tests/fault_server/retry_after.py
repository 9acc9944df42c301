"""What may stand behind Retry-After, and for how many seconds does it ask? None if nobody can tell."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, formatdate

# The wall clock of whoever reads these.
NOW = 1_700_000_000.0

_EASTWARD = datetime.fromtimestamp(NOW + 9, timezone(timedelta(hours=2)))

WAITS: dict[str, tuple[list[str], float | None]] = {
    "seconds": (["5"], 5.0),
    "zero": (["0"], 0.0),
    "blanks around": (["  7 "], 7.0),
    "a date": ([formatdate(NOW + 9, usegmt=True)], 9.0),
    "a date in the past": ([formatdate(NOW - 9, usegmt=True)], 0.0),
    "a date without a zone": ([formatdate(NOW + 9)], 9.0),
    "a date in another zone": ([format_datetime(_EASTWARD)], 9.0),
    "a date far ahead": ([formatdate(NOW + 1e8, usegmt=True)], 300.0),
    "too long": (["1000000000000"], 300.0),
    "longer than a float": (["9" * 400], 300.0),
    "missing": ([], None),
    "blank": ([""], None),
    "negative": (["-5"], None),
    "a fraction": (["1.5"], None),
    "an exponent": (["1e12"], None),
    "infinity": (["inf"], None),
    "text": (["soon"], None),
    "half a date": (["Wed, 21 Oct"], None),
    "two values": (["5", "10"], None),
}
