"""The converter on classes of its own: unset, unknown, null, strict scalars, snapshots."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs
import pytest

from pushwoosh_async._wire import converter
from pushwoosh_async.errors import ConfigurationError


@attrs.frozen(kw_only=True)
class Inner:
    """A nested model with a field that construction needs."""

    ratio: float = attrs.field()
    extra: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        assert self.ratio > 0, "a rule, which from_wire must not run"


@attrs.frozen(kw_only=True)
class Beside:
    """Fields that lie beside another model's own; it has no ``extra``."""

    size: int | None = attrs.field(default=None, metadata={"wire": "b_size"})
    words: Sequence[str] | None = attrs.field(default=None, metadata={"wire": "b_words"})


class Expression:
    """A class that is no model: an argument as it stands, without a form on the wire."""


@attrs.frozen
class Question:
    """The same, and an attrs class."""

    name: str


@attrs.frozen(kw_only=True)
class Sample:
    """One field of each kind."""

    name: str | None = attrs.field(default=None, metadata={"wire": "theName"})
    count: int | None = None
    flag: bool | None = None
    inner: Inner | None = None
    words: Sequence[str] | None = None
    texts: str | Mapping[str, str] | None = None
    anything: Mapping[str, Any] | str | None = None
    when: str | datetime | None = None
    day: str | date | None = None
    pairs: Sequence[tuple[str, Any] | Question] | None = None
    rule: str | Expression | None = None
    beside: Beside | None = attrs.field(default=None, metadata={"flat": True})
    only: str | None = attrs.field(default=None, metadata={"wire": "all", "single": True})
    short: Inner | None = attrs.field(default=None, metadata={"shorthand": True})
    extra: Mapping[str, Any] = attrs.field(factory=dict)


def test_unset_fields_are_not_written() -> None:
    """A field that is None is absent from the wire, one that is false or empty is not."""
    assert converter.to_wire(Sample(flag=False, count=0, words=())) == {
        "flag": False,
        "count": 0,
        "words": [],
    }


def test_wire_names_replace_python_names_both_ways() -> None:
    """A field goes by its wire name; its Python name is just another unknown key."""
    sample = converter.from_wire(Sample, {"theName": "x", "name": "y"})
    assert (sample.name, sample.extra) == ("x", {"name": "y"})
    assert converter.to_wire(sample) == {"theName": "x", "name": "y"}


def test_unknown_keys_nulls_and_the_key_extra_come_back() -> None:
    """What no field can hold lies in extra, a known key that is null among it."""
    mapping = {"count": None, "new": [1, {"a": None}], "extra": 5, "inner": {"ratio": 1, "z": 2}}
    sample = converter.from_wire(Sample, mapping)
    assert sample.count is None
    assert sample.extra == {"count": None, "new": [1, {"a": None}], "extra": 5}
    assert converter.to_wire(sample) == mapping


def test_a_flat_object_lies_beside_the_fields_of_the_model() -> None:
    """Its keys are gathered from there and written there; its field's own name is an unknown key."""
    mapping = {"b_size": 5, "count": 1, "beside": {"size": 6}, "b_new": 2}
    sample = converter.from_wire(Sample, mapping)
    assert sample.beside == Beside(size=5)
    assert sample.extra == {"beside": {"size": 6}, "b_new": 2}
    assert converter.to_wire(sample) == mapping


@pytest.mark.parametrize("mapping", [{}, {"b_size": None}, {"size": 5}])
def test_a_flat_object_without_a_value_is_none(mapping: dict[str, Any]) -> None:
    """A null alone makes no object: it lies in extra, as everywhere."""
    sample = converter.from_wire(Sample, mapping)
    assert sample.beside is None
    assert converter.to_wire(sample) == mapping


def test_a_single_item_is_a_list_of_one_on_the_wire() -> None:
    """The model holds the item itself."""
    sample = converter.from_wire(Sample, {"all": ["a"]})
    assert sample.only == "a"
    assert converter.to_wire(sample) == {"all": ["a"]}


def test_a_shorthand_does_not_go_to_the_wire() -> None:
    """It is None when read, and not written; its name is an unknown key."""
    sample = converter.from_wire(Sample, {"short": {"ratio": 1}})
    assert (sample.short, sample.extra) == (None, {"short": {"ratio": 1}})
    assert converter.to_wire(Sample(short=Inner(ratio=1))) == {}


def test_wire_fields_are_all_known_keys() -> None:
    """The flat object's are among them; what does not go to the wire is not."""
    known = converter.wire_fields(Sample)
    assert {"theName", "b_size", "b_words", "all"} <= known.keys()
    assert not {"name", "beside", "short", "extra", "only"} & known.keys()
    assert [converter.wire_name(field) for field in known.values()] == list(known)


def test_from_wire_does_not_run_init() -> None:
    """A missing or senseless value is taken: the vendor's examples hold such."""
    assert converter.from_wire(Inner, {"ratio": -1}).ratio == -1
    assert converter.to_wire(converter.from_wire(Inner, {})) == {}


def test_an_int_may_stand_where_a_float_is_meant_and_stays_an_int() -> None:
    """110 is a number, and is written back as 110."""
    ratio = converter.to_wire(converter.from_wire(Inner, {"ratio": 110}))["ratio"]
    assert (ratio, type(ratio)) == (110, int)


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ({"theName": 5}, "theName: expected a str, got int"),
        ({"theName": b"x"}, "theName: expected a str, got bytes"),
        ({"count": True}, "count: expected an int, got bool"),
        ({"count": 1.0}, "count: expected an int, got float"),
        ({"count": "1"}, "count: expected an int, got str"),
        ({"flag": 1}, "flag: expected a bool, got int"),
        ({"flag": "true"}, "flag: expected a bool, got str"),
        ({"inner": {"ratio": "1"}}, "inner.ratio: expected a number, got str"),
        ({"inner": {"ratio": True}}, "inner.ratio: expected a number, got bool"),
        ({"inner": []}, "inner: expected a dict, got list"),
        ({"inner": Inner(ratio=1)}, "inner: expected a dict, got Inner"),
        ({"words": [1]}, "words[0]: expected a str, got int"),
        ({"words": ["a", None]}, "words[1]: expected a str, got None"),
        ({"words": "abc"}, "words: expected a list of str, got str"),
        ({"words": b"abc"}, "words: expected a list of str, got bytes"),
        ({"words": {"a": 1}}, "words: expected a list of str, got dict"),
        ({"texts": ["a"]}, "texts: expected a str or a dict of str, got list"),
        ({"texts": {"en": 1}}, "texts.en: expected a str, got int"),
        ({"texts": {1: "a"}}, "texts: expected keys that are str, got int"),
        ({"anything": 5}, "anything: expected a dict or a str, got int"),
        ({"anything": {"a b": {"c": {1}}}}, "anything['a b'].c: expected a JSON value, got set"),
        ({"when": datetime(2026, 1, 1)}, "when: expected a str, got datetime"),  # noqa: DTZ001
        ({"day": date(2026, 1, 1)}, "day: expected a str, got date"),
        ({"pairs": [5]}, "pairs[0]: expected a list, got int"),
        ({"pairs": [Question("x")]}, "pairs[0]: expected a list, got Question"),
        ({"rule": Expression()}, "rule: expected a str, got Expression"),
        ({"b_size": "1"}, "b_size: expected an int, got str"),
        ({"b_words": ["a", 1]}, "b_words[1]: expected a str, got int"),
        ({"all": "a"}, "all: expected a list of exactly one item, got str"),
        ({"all": []}, "all: expected a list of exactly one item, got list"),
        ({"all": ["a", "b"]}, "all: expected a list of exactly one item, got list"),
        ({"all": [1]}, "all[0]: expected a str, got int"),
        ({"unknown": {"a": [object()]}}, "unknown.a[0]: expected a JSON value, got object"),
        ({1: 2}, "Sample: expected keys that are str, got int"),
        ([], "Sample: expected a dict, got list"),
    ],
)
def test_a_wrong_type_is_refused_by_its_wire_path(mapping: Any, complaint: str) -> None:
    """A wrong type is a ConfigurationError with path and types, whose chain shows nothing more."""
    with pytest.raises(ConfigurationError) as caught:
        converter.from_wire(Sample, mapping)
    assert str(caught.value) == complaint
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_value_is_not_shown() -> None:
    """A refused value may be somebody's secret."""
    with pytest.raises(ConfigurationError) as caught:
        converter.from_wire(Sample, {"count": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_the_path_does_not_show_a_long_key_in_full() -> None:
    """A key of a megabyte does not become a message of a megabyte."""
    with pytest.raises(ConfigurationError) as caught:
        converter.from_wire(Sample, {"texts": {"k " * 1000: 1}})
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("field", ["anything", "unknown"])
def test_a_mapping_that_contains_itself_is_refused(field: str) -> None:
    """Depth is limited, so that no input ends in RecursionError."""
    loop: dict[str, Any] = {}
    loop["again"] = [loop]
    with pytest.raises(ConfigurationError, match=rf"^{field}.*: is nested more than 100 deep"):
        converter.from_wire(Sample, {field: loop})


def nested(depth: int) -> Any:
    """Return a list in a list, so many deep."""
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "wrap",
    [
        lambda value: {"anything": {"deep": value}},
        lambda value: {"pairs": [["deep", value]]},
        lambda value: {"unknown": value},
    ],
)
def test_what_is_read_at_the_depth_limit_can_be_written(wrap: Any) -> None:
    """A hundred levels pass both ways, a hundred and one do not."""
    assert converter.to_wire(converter.from_wire(Sample, wrap(nested(100)))) == wrap(nested(100))
    with pytest.raises(ConfigurationError):
        converter.from_wire(Sample, wrap(nested(101)))


def test_nothing_is_shared_with_the_mapping() -> None:
    """Changing what was read, or what was written, changes no instance."""
    mapping: dict[str, Any] = {"words": ["a"], "anything": {"b": [1]}, "new": {"c": [2]}}
    sample = converter.from_wire(Sample, mapping)
    mapping["words"].append("x")
    mapping["anything"]["b"].append("x")
    mapping["new"]["c"].append("x")
    written = converter.to_wire(sample)
    written["anything"]["b"].append("x")
    written["new"]["c"].append("x")
    assert converter.to_wire(sample) == {"words": ["a"], "anything": {"b": [1]}, "new": {"c": [2]}}


def test_an_argument_is_a_model_or_a_date_itself() -> None:
    """A constructor takes the objects that the wire cannot hold, and not their wire forms."""
    inner = Inner(ratio=1)
    assert converter.check_argument("inner", Inner | None, inner) is inner
    assert converter.check_argument("day", str | date, date(2026, 1, 1)) == date(2026, 1, 1)
    with pytest.raises(TypeError, match=r"^inner: expected an Inner, got dict$"):
        converter.check_argument("inner", Inner | None, {"ratio": 1})
    question, expression = Question("x"), Expression()
    (kept,) = converter.check_argument("pairs", Sequence[tuple[str, str] | Question], [question])
    assert kept is question
    assert converter.check_argument("rule", str | Expression, expression) is expression
    with pytest.raises(TypeError, match=r"^rule: expected a str or an Expression, got int$"):
        converter.check_argument("rule", str | Expression, 5)
    with pytest.raises(TypeError, match=r"^day: expected a str or a date, got datetime$"):
        converter.check_argument("day", str | date, datetime(2026, 1, 1))  # noqa: DTZ001


def test_subclasses_of_plain_types_become_plain() -> None:
    """Nothing of a caller's own class, or of an enum, reaches the encoder."""

    class Word(str):
        __slots__ = ()

    (word,) = converter.check_argument("words", Sequence[str], [Word("a")])
    assert (word, type(word)) == ("a", str)
