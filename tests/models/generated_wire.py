"""Generated wire mappings: of the right types, as the models' annotations say, whatever the rules say."""

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from generated import FINITE, INT64, JSON, TEXT
from hypothesis import strategies as st

from pushwoosh_async._wire.converter import wire_fields
from pushwoosh_async.models import Geozone


def wire_value(annotation: Any) -> st.SearchStrategy[Any]:
    """Return what the wire may hold where a field has this annotation, whatever its rules say."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return st.one_of([wire_value(member) for member in inner if member is not NoneType])
    if origin is Literal:
        return wire_value(type(inner[0]))
    if origin is Mapping:
        return st.dictionaries(TEXT, wire_value(inner[1]), max_size=2)
    if origin is Sequence:
        return st.lists(wire_value(inner[0]), max_size=3)
    if origin is tuple:
        return st.lists(JSON, max_size=4)
    if annotation is Geozone:
        return wire_mapping(Geozone)
    plain = {str: TEXT, int: INT64, bool: st.booleans(), float: FINITE | INT64, Any: JSON}
    # Neither a date nor an instance of our own has a form on the wire.
    return plain.get(annotation, st.nothing())


def _in_list(value: Any) -> list[Any]:
    return [value]


def _as_it_is(value: Any) -> Any:
    return value


# Keys of a whole request, which no message and no device takes.
REQUEST_KEYS = ("request", "notifications", "auth", "application", "applications_group")


def wire_mapping(cls: type) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings of the right types: any of a class's keys, some of them null, and unknown ones."""
    known = {
        name: wire_value(field.type).map(_in_list if field.metadata["single"] else _as_it_is)
        for name, field in wire_fields(cls).items()
    }
    strange = TEXT | st.sampled_from(["extra", "ios", "voip", "sub_request", *REQUEST_KEYS])
    refused = () if cls is Geozone else REQUEST_KEYS
    unknown = strange.filter(lambda key: key not in known and key not in refused)
    return st.builds(
        lambda strange, nulls, usual: {**strange, **dict.fromkeys(nulls), **usual},
        st.dictionaries(unknown, JSON, max_size=4),
        st.lists(st.sampled_from(sorted(known)), max_size=3),
        st.lists(st.sampled_from(sorted(known)), max_size=12, unique=True).flatmap(
            lambda names: st.fixed_dictionaries({name: known[name] for name in names})
        ),
    )
