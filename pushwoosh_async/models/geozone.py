"""Where the recipients of a message are."""

import attrs

from pushwoosh_async.models.fields import between, positive, wire_field
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

    lat: float = wire_field("ES:59", between(-90, 90), required=True)
    lng: float = wire_field("ES:60", between(-180, 180), required=True)
    range: float = wire_field("ES:61", positive, required=True)
