"""How a model becomes the vendor's JSON and back: generic over attrs classes, strict about types.

A model is a frozen attrs class with a field ``extra``. A field whose value is None is unset and not
written. What no field can hold (unknown keys, and known keys whose value is null) lies in ``extra``,
so that `from_wire` and `to_wire` are exact inverses. Types are checked, values are not: the vendor's
own examples hold placeholders.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pushwoosh_async._wire.converter.hooks import ARGUMENTS, WIRE
from pushwoosh_async._wire.converter.layout import (
    Field,
    flat_class,
    sent_fields,
    set_fields,
    to_wire,
    wire_fields,
    wire_name,
    written_fields,
)
from pushwoosh_async._wire.converter.plain import copy_json
from pushwoosh_async._wire.converter.refusal import RefusedError, TooDeepError, step
from pushwoosh_async.errors import ConfigurationError

__all__ = [
    "Field",
    "check_argument",
    "copy_json",
    "flat_class",
    "from_wire",
    "sent_fields",
    "set_fields",
    "step",
    "to_wire",
    "wire_fields",
    "wire_name",
    "written_fields",
]

Model = TypeVar("Model")


def from_wire(cls: type[Model], mapping: Mapping[str, Any]) -> Model:
    """Return the instance of `cls` that `mapping` describes, without judging its values.

    Nothing is shared with `mapping`. ``__init__`` and the rules of `cls` are not run.

    Raises:
        ConfigurationError: a wrong type; names the place in wire names, never the value.
    """
    try:
        instance: Model = WIRE.get_structure_hook(cls)(mapping, cls)
    except RefusedError as error:
        complaint = error.at(error.path.removeprefix(".") or cls.__name__)
    else:
        return instance
    raise ConfigurationError(complaint)


def check_argument(name: str, annotation: Any, value: Any) -> Any:
    """Return a constructor's argument as a model keeps it: copied, its sequences as tuples.

    Raises:
        TypeError: `value` is not what `annotation` says; names the argument and the place in it.
        ConfigurationError: it is nested too deep, or contains itself.
    """
    try:
        return ARGUMENTS.get_structure_hook(annotation)(value, annotation)
    except TooDeepError as error:
        refusal: Exception = ConfigurationError(error.at(name + error.path))
    except RefusedError as error:
        refusal = TypeError(error.at(name + error.path))
    raise refusal
