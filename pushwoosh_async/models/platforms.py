"""Which platforms a message can go to."""

from enum import IntEnum


class Platform(IntEnum):
    """The vendor's platform numbers (ES:75-77).

    Not closed: `Notification.platforms` takes any int, since the vendor adds platforms.
    """

    IOS = 1
    ANDROID = 3
    MACOS = 7
    WINDOWS = 8
    AMAZON = 9
    SAFARI = 10
    CHROME = 11
    FIREFOX = 12
    HUAWEI = 17
