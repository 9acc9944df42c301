"""Which platforms a message can go to."""

from enum import IntEnum


class Platform(IntEnum):
    """The vendor's platform numbers [ES:75-77]; 18, 19 and 21: [D-dev]; 14: [D-aud].

    Not closed: `Notification.platforms` and `Device.device_type` take any int, since the vendor adds
    platforms. Numbers of platforms that are gone, such as BlackBerry, have no name here.
    """

    IOS = 1
    ANDROID = 3
    MACOS = 7
    WINDOWS = 8
    AMAZON = 9
    SAFARI = 10
    CHROME = 11
    FIREFOX = 12
    EMAIL = 14
    HUAWEI = 17
    SMS = 18
    XIAOMI = 19
    WHATSAPP = 21
