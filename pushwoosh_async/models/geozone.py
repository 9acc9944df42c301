"""Where the recipients of a message are."""

import attrs

from pushwoosh_async.models.fields import required
from pushwoosh_async.models.rules import between, positive
from pushwoosh_async.models.wire_model import WireModel


@attrs.frozen(kw_only=True, repr=False)
class Geozone(WireModel):
    """A circle on the map: sends to the devices in it.

    Attributes:
        lat: latitude in degrees, -90 to 90. [ES:59]
        lng: longitude in degrees, -180 to 180. [ES:60]
        range: radius, more than 0. The vendor names no unit; metres is a guess. [ES:61]
        extra: wire keys this class does not know.
    """

    lat: float = attrs.field(**required("ES:59", between(-90, 90)))
    lng: float = attrs.field(**required("ES:60", between(-180, 180)))
    range: float = attrs.field(**required("ES:61", positive))
