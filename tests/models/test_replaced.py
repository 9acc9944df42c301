"""A copy with some fields replaced: the same as `attrs.evolve`, and as strict."""

from itertools import repeat
from typing import Any

import attrs
import pytest
from generated import ARGUMENTS, IDS, MODELS, TEXTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models import Notification
from pushwoosh_async.models.wire_model import replaced

# A message has a hundred fields, which take their time to be made up.
wide = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SCHEDULE = {"send_date", "timezone", "ignore_user_timezone"}  # joined by rules
ALONE = {name: made for name, made in ARGUMENTS[Notification].items() if name not in SCHEDULE}


@wide
@given(MODELS[Notification], st.data())
def test_a_copy_is_what_evolve_makes(notification: Notification, data: st.DataObject) -> None:
    """Whatever fields are replaced, set or unset, the copy equals that of evolve; the model stays."""
    before = notification.to_wire()
    names = data.draw(st.lists(st.sampled_from(sorted(ALONE.keys() - {"extra"})), unique=True))
    values: Any = {name: data.draw(st.none() | ALONE[name]) for name in names}
    copy = replaced(notification, **values)
    evolved = attrs.evolve(notification, **values)
    assert copy == evolved
    assert copy.to_wire() == evolved.to_wire()
    assert notification.to_wire() == before


@given(IDS, TEXTS)
def test_what_is_given_is_copied(ids: list[str], texts: dict[str, str]) -> None:
    """The copy keeps its values when the caller's list and dict change."""
    copy = replaced(Notification(), users=ids, dynamic_content_placeholders=texts)
    before = copy.to_wire()
    ids.append("one more")
    texts["one"] = "more"
    assert copy.to_wire() == before


class Word(str):
    """A str that is not quite one."""

    __slots__ = ()


WRONG: list[dict[str, Any]] = [
    {"users": "u1"},
    {"users": ["u1", 2]},
    {"users": ["u1", None]},
    {"users": {"u1"}},
    {"users": repeat("u1", 1)},
    {"users": ["\ud800"]},
    {"dynamic_content_placeholders": {"a": 1}},
    {"dynamic_content_placeholders": {1: "a"}},
    {"dynamic_content_placeholders": {"a": None}},
    {"dynamic_content_placeholders": [("a", "b")]},
    {"dynamic_content_placeholders": {"a": "\udfff"}},
    {"dynamic_content_placeholders": {"\udfff": "a"}},
    {"send_rate": 7},
    {"campaign": " "},
    {"content": {}},
]


@pytest.mark.parametrize("values", WRONG, ids=repr)
def test_a_copy_is_refused_what_evolve_is_refused(values: dict[str, Any]) -> None:
    """The same error, in the same words."""
    notification = Notification(content="Hello", users=["u0"])
    with pytest.raises((TypeError, ConfigurationError)) as of_evolve:
        attrs.evolve(notification, **values)
    with pytest.raises(of_evolve.type) as of_replaced:
        replaced(notification, **values)
    assert str(of_replaced.value) == str(of_evolve.value)


@pytest.mark.parametrize("texts", [{"a": Word("b")}, {Word("a"): "b"}], ids=["value", "key"])
@pytest.mark.parametrize("name", ["dynamic_content_placeholders", "data", "template_bindings"])
def test_a_subclass_of_str_becomes_its_text(name: str, texts: dict[str, str]) -> None:
    """Among plain texts too: what is kept is the text alone, which nobody can change."""
    kept = getattr(replaced(Notification(), **{name: {"plain": "x", **texts}}), name)
    assert {type(text) for pair in kept.items() for text in pair} == {str}


@pytest.mark.parametrize("ids", [["a", Word("b")], (Word("a"),)], ids=repr)
def test_an_id_of_a_subclass_becomes_its_text(ids: list[str]) -> None:
    """In a list of ids as in a mapping."""
    assert [type(one) for one in replaced(Notification(), users=ids).users or ()] == [str] * len(
        ids
    )


def test_an_unknown_field_is_refused() -> None:
    """A name that is no field's is an AttributeError, not lost."""
    with pytest.raises(AttributeError):
        replaced(Notification(), user=["u1"])
