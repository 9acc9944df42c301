"""Which devices are registered, for which application, with which tags?"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from attrs import Factory, define

from pushwoosh_async.sandbox import platforms

# What a message reached: application to platform number to number of devices.
Reach = Mapping[str, Mapping[int, int]]


@define
class Registration:
    """A device's subscription to one application."""

    device_type: int
    user: str
    tags: dict[str, object] = Factory(dict)


@define
class Device:
    """A device with its subscriptions, by application, the oldest first."""

    hwid: str
    registrations: dict[str, Registration] = Factory(dict)

    @property
    def tags(self) -> Mapping[str, object]:
        """Its tags in all applications together: tags are shared between them [ES:849]."""
        return {
            name: value
            for registration in self.registrations.values()
            for name, value in registration.tags.items()
        }


Predicate = Callable[[Device], bool]


class Devices:
    """The devices that were registered and not unregistered since."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._devices: dict[str, Device] = {}

    def register(self, application: str, hwid: str, registration: Registration) -> None:
        """Subscribe a device to an application, in place of an earlier subscription."""
        device = self._devices.setdefault(hwid, Device(hwid))
        device.registrations[application] = registration

    def unregister(self, application: str, hwid: str) -> None:
        """End a device's subscription with its tags; one that has none stays without."""
        device = self._devices.get(hwid)
        if device is not None:
            device.registrations.pop(application, None)
            if not device.registrations:
                del self._devices[hwid]

    def of(self, application: str, hwid: str) -> Registration | None:
        """Return a device's subscription to an application, or None."""
        device = self._devices.get(hwid)
        return None if device is None else device.registrations.get(application)

    def of_user(self, application: str, user: str) -> list[Registration]:
        """Return the subscriptions to an application of all devices of a user."""
        found = (device.registrations.get(application) for device in self._devices.values())
        return [each for each in found if each is not None and each.user == user]

    def matching(self, matches: Predicate) -> list[Device]:
        """Return the devices that a push can reach and that a predicate accepts."""
        return [device for device in self._reachable() if matches(device)]

    def _reachable(self) -> Iterator[Device]:
        for device in self._devices.values():
            types = {each.device_type for each in device.registrations.values()}
            if not types <= platforms.NOT_PUSH:
                yield device


def reach(devices: Iterable[Device], applications: Collection[str]) -> Reach:
    """Count devices by application and platform.

    Each counts once: in the first of its applications that is among those given, else in its first.
    """
    counts: dict[str, Counter[int]] = {}
    for device in devices:
        named = [each for each in device.registrations if each in applications]
        application = (named or list(device.registrations))[0]
        device_type = device.registrations[application].device_type
        counts.setdefault(application, Counter())[device_type] += 1
    return {application: dict(counter) for application, counter in counts.items()}
