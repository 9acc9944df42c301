"""The messages, in the field's own words: frozen, checked at construction, exact on the wire."""

from pushwoosh_async.models.geozone import Geozone
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.platforms import Platform
from pushwoosh_async.models.results import MessageResult

__all__ = ["Geozone", "MessageResult", "Notification", "Platform"]
