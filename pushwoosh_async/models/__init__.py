"""The messages, in the field's own words: frozen, checked at construction, exact on the wire."""

from pushwoosh_async.models.android import Amazon, Android, Huawei
from pushwoosh_async.models.apple import IOS, MacOS
from pushwoosh_async.models.browsers import Chrome, Firefox, Safari
from pushwoosh_async.models.device import Device
from pushwoosh_async.models.geozone import Geozone
from pushwoosh_async.models.message import Message
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.platforms import Platform
from pushwoosh_async.models.results import MessageResult
from pushwoosh_async.models.sms import SMS
from pushwoosh_async.models.targeted import TargetedMessage
from pushwoosh_async.models.voip import VoIPCall
from pushwoosh_async.models.windows import Windows, wns_content

__all__ = [
    "IOS",
    "SMS",
    "Amazon",
    "Android",
    "Chrome",
    "Device",
    "Firefox",
    "Geozone",
    "Huawei",
    "MacOS",
    "Message",
    "MessageResult",
    "Notification",
    "Platform",
    "Safari",
    "TargetedMessage",
    "VoIPCall",
    "Windows",
    "wns_content",
]
