"""What all models do: check types, then values, and go to the wire and back."""

from collections.abc import AsyncIterable, Iterator, Mapping
from typing import Any, Self

import attrs

from pushwoosh_async._wire import converter
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.json_values import check_json

# What stands around a notification in a request. In `extra` it would replace the client's own.
_ENVELOPE = frozenset({"auth", "application", "applications_group", "notifications"})


@attrs.frozen(kw_only=True, repr=False)
class WireModel:
    """The base of the models: frozen attrs classes whose fields are `wire_field`s.

    Attributes:
        extra: wire keys the class does not know, with JSON values.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def from_wire(cls, mapping: Mapping[str, Any]) -> Self:
        """Return the model that a JSON object describes; `to_wire` is the exact inverse.

        Types are checked, values are not, as the vendor's own examples hold placeholders: see
        `validate`. Unknown keys, and known ones that are null, go to `extra`. Nothing is shared
        with `mapping`.

        Raises:
            ConfigurationError: a value of the wrong type; names its place in wire names.
        """
        return converter.from_wire(cls, mapping)

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON object of what was set, and of `extra`; nothing is shared with self."""
        return converter.to_wire(self)

    def validate(self) -> None:
        """Judge every value, as construction did: for a model that came `from_wire`.

        Raises:
            ConfigurationError: a value breaks a rule; names the argument and the rule.
            TypeError: a condition has an operand of the wrong kind.
        """
        for field in converter.wire_fields(type(self)).values():
            _validate_field(field, getattr(self, field.name))
        self._validate_extra()

    def __attrs_post_init__(self) -> None:
        # Types before values, so that a rule meets nothing it cannot compare; attrs would run its
        # own validators before the dates are texts.
        for field in attrs.fields(type(self)):
            self._set(field.name, _checked(field, getattr(self, field.name)))
        self._normalise()
        self.validate()

    def _normalise(self) -> None:
        """Turn what is convenient to pass into what the wire holds."""

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _validate_extra(self) -> None:
        known = converter.wire_fields(type(self))
        for key in self.extra:
            if key in known:
                raise ConfigurationError(
                    f"extra: {key!r} is a field: pass it as {known[key].name}="
                )
            if key in _ENVELOPE:
                raise ConfigurationError(f"extra: {key!r} belongs to the client, not to a message")
        check_json("extra", self.extra)

    def __repr__(self) -> str:
        shown = [
            f"{field.name}={field.repr(value) if callable(field.repr) else repr(value)}"
            for field in converter.wire_fields(type(self)).values()
            if (value := getattr(self, field.name)) is not None
        ]
        if self.extra:
            shown.append(f"extra=<{len(self.extra)} keys>")
        return f"{type(self).__name__}({', '.join(shown)})"


def _checked(field: "attrs.Attribute[Any]", value: Any) -> Any:
    hint = field.metadata.get("hint")
    if hint and isinstance(value, Iterator | AsyncIterable):
        raise TypeError(f"{field.name}: expected a list of str, got an iterator: {hint}")
    return converter.check_argument(field.name, field.type, value)


def _validate_field(field: "attrs.Attribute[Any]", value: Any) -> None:
    if isinstance(value, WireModel):
        _validate_inner(field.name, value)
    elif value is not None:
        check_json(field.name, value)
        for rule in field.metadata["rules"]:
            rule(field.name, value)
    elif field.default is attrs.NOTHING:
        raise ConfigurationError(f"{field.name}: is required")


def _validate_inner(name: str, model: WireModel) -> None:
    try:
        model.validate()
    except ConfigurationError as error:
        complaint = f"{name}.{error}"
    else:
        return
    raise ConfigurationError(complaint)
