"""Which device types are there, and what does the vendor call them? [api.md 1.1, 1.8, D-stat]."""

from collections.abc import Mapping

NAMES: Mapping[int, str] = {
    1: "IOS",
    2: "BLACKBERRY",
    3: "ANDROID",
    4: "ASHA",
    5: "WINDOWS_PHONE",
    6: "BADA",
    7: "OSX",
    8: "WINDOWS",
    9: "AMAZON",
    10: "SAFARI",
    11: "CHROME",
    12: "FIREFOX",
    13: "IE",
    14: "EMAIL",
    17: "HUAWEI_ANDROID",
    18: "SMS",
    19: "XIAOMI",
    21: "WHATSAPP",
}
SMS = 18
# Addresses rather than apps: a push does not reach them.
NOT_PUSH = frozenset({14, SMS, 21})
# Where a message names none it goes to all of these [ES:75].
ALL_PUSH = (1, 3, 7, 8, 9, 10, 11, 12, 17)
# The names a filter's A() is known to take; there is none for Huawei [api.md 2.3].
FILTERABLE = (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12)
