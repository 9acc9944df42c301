"""How a call becomes a notification's fields."""

import json
from typing import Any

import attrs
import pytest
from seed_requests import seed_notifications

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import IOS, Android, Notification, VoIPCall

SEEDS = seed_notifications()
FULL: dict[str, Any] = {
    "caller_name": "CallerName",
    "video": True,
    "supports_holding": True,
    "supports_dtmf": False,
    "cancel": True,
}


@pytest.mark.parametrize("call_id", [42, "42"])
def test_a_call_is_told_to_each_platform_its_own_way(call_id: int | str) -> None:
    """To iOS as in the vendor's example, id as text; to Android with a number, and ``voip``."""
    written = Notification(voip=VoIPCall(call_id=call_id, **FULL)).to_wire()
    ios, android = SEEDS["create_message_voip_ios"], SEEDS["create_message_voip_android"]
    assert written == {
        **ios,
        "android_root_params": {
            **android["android_root_params"],
            "callerName": "CallerName",
            "voip": True,
        },
    }
    assert type(written["android_root_params"]["callId"]) is int


def test_what_a_call_does_not_say_is_not_sent() -> None:
    """A call without a name, an id or a picture is still a call."""
    assert Notification(voip=VoIPCall()).to_wire() == {
        "voip_push": True,
        "ios_root_params": {"aps": {"mutable-content": 1}},
        "android_root_params": {"voip": True},
    }


def test_a_call_is_given_once_and_kept_as_fields() -> None:
    """After construction there is no call beside the fields, so the two cannot disagree."""
    notification = Notification(voip=VoIPCall(call_id=1), users=["u"])
    assert notification.voip is None
    assert notification.voip_push is True
    assert attrs.evolve(notification, title="x").to_wire() == {
        **notification.to_wire(),
        "title": "x",
    }
    assert Notification.from_wire(notification.to_wire()) == notification
    assert "voip=" not in repr(notification)


def test_a_copy_for_others_is_still_the_call() -> None:
    """attrs.evolve keeps what the call was turned into."""
    notification = Notification(voip=VoIPCall(call_id=1, video=True), users=["u1"])
    other = attrs.evolve(notification, users=["u2"])
    assert other.to_wire() == {**notification.to_wire(), "users": ["u2"]}


def test_a_platform_given_to_evolve_drops_the_call_that_was_in_it() -> None:
    """The platform is replaced as a whole; the call is there again if it is given once more."""
    call = VoIPCall(call_id=1)
    notification = Notification(voip=call, users=["u"])
    without = attrs.evolve(notification, ios=IOS(ttl=5)).to_wire()
    assert "ios_root_params" not in without
    assert without["android_root_params"] == notification.to_wire()["android_root_params"]
    again = attrs.evolve(notification, ios=IOS(ttl=5), voip=call)
    assert again.to_wire() == {**notification.to_wire(), "ios_ttl": 5}


def test_another_call_given_to_evolve_is_refused() -> None:
    """The old one is among the platforms' fields, and the two would contradict each other."""
    notification = Notification(voip=VoIPCall(call_id=1))
    with pytest.raises(ConfigurationError, match=r"^ios\.root_params: 'callId' is another one"):
        attrs.evolve(notification, voip=VoIPCall(call_id=2))


def test_a_call_joins_what_the_platforms_have_already() -> None:
    """Root parameters and aps are merged; the platforms' other fields stay; nothing given is changed."""
    aps = {"sound": "ring.wav", "mutable-content": 1}
    ios = IOS(ttl=30, root_params={"aps": aps, "room": 7})
    android = Android(gcm_ttl=30, root_params={"room": 7})
    before = json.dumps([ios.root_params, android.root_params])
    notification = Notification(ios=ios, android=android, voip=VoIPCall(video=True))
    assert notification.to_wire() == {
        "voip_push": True,
        "ios_ttl": 30,
        "ios_root_params": {"aps": aps, "room": 7, "video": True},
        "android_gcm_ttl": 30,
        "android_root_params": {"room": 7, "voip": True, "video": True},
    }
    assert json.dumps([ios.root_params, android.root_params]) == before


def test_what_the_call_says_is_written_in_its_own_type() -> None:
    """A 1 beside a True does not contradict it, and does not reach a platform that wants a bool."""
    written = Notification(ios=IOS(root_params={"video": 1}), voip=VoIPCall(video=True)).to_wire()
    assert written["ios_root_params"]["video"] is True


@pytest.mark.parametrize(
    ("beside", "complaint"),
    [
        ({"ios": IOS(root_params={"video": False})}, "ios.root_params: 'video' is another"),
        (
            {"ios": IOS(root_params={"aps": {"mutable-content": 0}})},
            "ios.root_params.aps: 'mutable-",
        ),
        ({"ios": IOS(root_params={"aps": "x"})}, "ios.root_params: 'aps' is another"),
        ({"ios": IOS(root_params={"callId": 42})}, "ios.root_params: 'callId' is another"),
        ({"android": Android(root_params={"callId": "42"})}, "android.root_params: 'callId' is an"),
        (
            {"android": Android(root_params={"voip": False})},
            "android.root_params: 'voip' is another",
        ),
        ({"voip_push": False}, "voip_push: must not be False beside voip"),
    ],
)
def test_a_call_that_contradicts_what_is_there_is_refused(
    beside: dict[str, Any], complaint: str
) -> None:
    """Neither of the two is dropped in silence."""
    with pytest.raises(ConfigurationError, match=f"^{complaint}"):
        Notification(voip=VoIPCall(video=True, call_id=42), **beside)


@pytest.mark.parametrize("call_id", [-1, "", "-1", "042", "4 2", "x", "٤٢", "4.0", "42\n"])
def test_a_call_id_that_is_no_decimal_number_is_refused(call_id: int | str) -> None:
    """Android takes an integer, so that a text must stand for one, and in one way only."""
    with pytest.raises(ConfigurationError, match=r"^call_id: must be a decimal number from 0"):
        VoIPCall(call_id=call_id)


@pytest.mark.parametrize("call_id", [2**63, str(2**63)])
def test_a_call_id_beyond_64_bits_is_refused(call_id: int | str) -> None:
    """It would not survive the way."""
    with pytest.raises(ConfigurationError, match=r"^call_id: must fit in 64 bits$"):
        VoIPCall(call_id=call_id)
    assert VoIPCall(call_id=2**63 - 1).call_id == 2**63 - 1


def test_to_cancel_a_call_needs_its_id() -> None:
    """Without one the API could not know which call to end; not to cancel needs none."""
    with pytest.raises(ConfigurationError, match=r"^cancel: must not be given without call_id$"):
        VoIPCall(cancel=True)
    assert VoIPCall(cancel=True, call_id=0).cancel is True
    assert VoIPCall(cancel=False).cancel is False


@pytest.mark.parametrize(
    "arguments", [{"call_id": True}, {"video": 1}, {"caller_name": 5}, {"cancel": "true"}]
)
def test_a_wrong_type_is_a_type_error(arguments: dict[str, Any]) -> None:
    """Types are checked as everywhere."""
    with pytest.raises(TypeError, match=f"^{next(iter(arguments))}: expected "):
        VoIPCall(**arguments)
    with pytest.raises(TypeError, match=r"^voip: expected a VoIPCall, got dict$"):
        Notification(voip=arguments)  # type: ignore[arg-type]


def test_the_repr_shows_no_callers_name() -> None:
    """A name is personal."""
    assert repr(VoIPCall(caller_name="Alice", video=True)) == (
        "VoIPCall(caller_name=<5 characters>, video=True)"
    )
