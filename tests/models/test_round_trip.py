"""Properties: what is built comes back from the wire, and what is read goes back to it."""

import copy
import json
from typing import Any

import attrs
import pytest
from generated import ARGUMENTS, JSON_OBJECT, MODELS, built
from generated_wire import wire_mapping
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushwoosh_async._wire.converter import wire_fields
from pushwoosh_async.models import Notification, VoIPCall

each_model = pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
# A message has a hundred fields, which take their time to be made up.
wide = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("cls", ARGUMENTS, ids=lambda cls: cls.__name__)
def test_every_field_is_generated(cls: type) -> None:
    """No field is left out of what the properties look at."""
    fields = {field.name for field in attrs.fields(cls)} - {"extra", "voip"}
    schedule = {"send_date", "timezone", "ignore_user_timezone"}
    assert fields - schedule == ARGUMENTS[cls].keys() - schedule - {"extra"}


@each_model
@wide
@given(st.data())
def test_what_is_built_comes_back_from_the_wire(cls: Any, data: st.DataObject) -> None:
    """from_wire(to_wire(m)) == m, through real JSON too, and what came back obeys the rules."""
    model = data.draw(MODELS[cls])
    written = model.to_wire()
    assert cls.from_wire(written) == model
    again = cls.from_wire(json.loads(json.dumps(written)))
    assert again == model
    again.validate()
    assert attrs.evolve(again) == model


@each_model
@wide
@given(st.data())
def test_what_is_read_goes_back_as_it_was(cls: Any, data: st.DataObject) -> None:
    """to_wire(from_wire(m)) == m, unknown keys, nulls and senseless values included."""
    mapping = data.draw(wire_mapping(cls))
    before = copy.deepcopy(mapping)
    written = cls.from_wire(mapping).to_wire()
    assert written == before
    assert json.dumps(written, sort_keys=True) == json.dumps(before, sort_keys=True)
    assert mapping == before


@each_model
def test_null_for_any_known_key_comes_back(cls: Any) -> None:
    """The vendor's tools write null for what is not set; that is not nothing, so it is kept."""
    for name in wire_fields(cls):
        model = cls.from_wire({name: None})
        assert model.to_wire() == {name: None}
        assert model.extra == {name: None}


@given(JSON_OBJECT)
def test_a_json_object_is_copied_whole(value: dict[str, Any]) -> None:
    """The snapshot is equal, type for type, and shares no container with the original."""
    notification = Notification(data=value, template_bindings=value)
    assert json.dumps(notification.data) == json.dumps(value)
    kept = set(containers(notification.data)) | set(containers(notification.template_bindings))
    written = notification.to_wire()
    assert kept.isdisjoint(containers(value))
    assert kept.isdisjoint(containers(written["data"]) + containers(written["template_bindings"]))


def containers(value: Any) -> list[int]:
    """Return the identities of every list and dict in `value`."""
    if isinstance(value, dict):
        return [id(value), *(found for item in value.values() for found in containers(item))]
    if isinstance(value, list):
        return [id(value), *(found for item in value for found in containers(item))]
    return []


@given(built(VoIPCall))
def test_a_call_comes_back_from_the_wire(call: VoIPCall) -> None:
    """What a call is turned into is read back as the same notification."""
    notification = Notification(voip=call)
    assert Notification.from_wire(notification.to_wire()) == notification
