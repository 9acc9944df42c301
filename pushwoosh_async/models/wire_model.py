"""What all models do: check types, then values, and go to the wire and back."""

from collections.abc import AsyncIterable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar

import attrs

from pushwoosh_async._wire.converter import (
    Field,
    check_argument,
    flat_class,
    from_wire,
    sent_fields,
    set_fields,
    to_wire,
    wire_fields,
    wire_name,
)
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.json_values import check_json

# What stands around a message in a request. In `extra` it would replace the client's own, and `auth`
# would hold a token.
_AROUND = ("request", "notifications")
_BESIDE = ("auth", "application", "applications_group")

_Model = TypeVar("_Model", bound="CheckedModel")


@attrs.frozen(kw_only=True, repr=False)
class CheckedModel:
    """A frozen attrs class of `wire_field`s whose arguments are checked at construction."""

    def validate(self) -> None:
        """Judge every value, as construction did: for a model that came `from_wire`.

        Raises:
            ConfigurationError: a value breaks a rule; names the argument and the rule.
            TypeError: a condition has an operand of the wrong kind.
        """
        for field in sent_fields(type(self)):
            value = getattr(self, field.name)
            if value is not None:
                self._validate_field(field, value)
            elif field.default is attrs.NOTHING:
                raise ConfigurationError(f"{field.name}: is required")

    def __attrs_post_init__(self) -> None:
        # Types before values, so that a rule meets nothing it cannot compare; attrs would run its
        # own validators before the dates are texts.
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            # None is the default of what may be left out; of the few dozen fields most are.
            if value is not None or field.default is not None:
                self._set(field.name, _taken(field, value))
        self._normalise()
        self.validate()

    def _normalise(self) -> None:
        """Turn what concerns several fields into what the wire holds."""

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _validate_field(self, field: Field, value: Any) -> None:
        if isinstance(value, CheckedModel):
            _validate_inner(field.name, value)
            return
        check_json(field.name, value)
        for rule in field.metadata["rules"]:
            rule.check(field.name, value)
        needed = field.metadata["needs"]
        if needed and value and getattr(self, needed) is None:
            raise ConfigurationError(f"{field.name}: must not be given without {needed}")

    def _shown(self) -> list[str]:
        return [
            f"{field.name}={field.repr(value) if callable(field.repr) else repr(value)}"
            for field, value in set_fields(self)
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown())})"


@attrs.frozen(kw_only=True, repr=False)
class WireModel(CheckedModel):
    """The base of the models that are a JSON object of their own.

    Attributes:
        extra: wire keys the class does not know, with JSON values.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict)

    # Which part of a request the class is; None for what is never sent by itself.
    _part: ClassVar[str | None] = None

    @classmethod
    def from_wire(cls, mapping: Mapping[str, Any]) -> Self:
        """Return the model that a JSON object describes; `to_wire` is the exact inverse.

        Types are checked, values are not, as the vendor's own examples hold placeholders: see
        `validate`. Unknown keys, and known ones that are null, go to `extra`. Nothing is shared
        with `mapping`.

        Raises:
            ConfigurationError: a value of the wrong type; names its place in wire names. Or
                `mapping` is a whole request, or has a key of one (``request``, ``notifications``,
                ``auth``, ``application``, ``applications_group``); names the key, never the value.
        """
        model = from_wire(cls, mapping)
        if cls._part is not None:
            _refuse_request(model.extra, cls._part)
        return model

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON object of what was set, and of `extra`; nothing is shared with self."""
        return to_wire(self)

    def validate(self) -> None:
        """Judge every value, as construction did: for a model that came `from_wire`.

        Raises:
            ConfigurationError: a value breaks a rule; names the argument and the rule.
            TypeError: a condition has an operand of the wrong kind.
        """
        super().validate()
        known = wire_fields(type(self))
        for key in self.extra:
            if key in known:
                way = f"pass it as {_argument(type(self), key)}"
                # Held, as what came from the wire goes back to it; but nobody knows what null means there.
                way = "where it is null, leave it out" if self.extra[key] is None else way
                raise ConfigurationError(f"extra: {key!r} is a field: {way}")
            if key in _AROUND or key in _BESIDE:
                raise _clients_own(key)
        check_json("extra", self.extra)

    def _shown(self) -> list[str]:
        return super()._shown() + ([f"extra=<{len(self.extra)} keys>"] if self.extra else [])


def replaced(model: _Model, **values: object) -> _Model:
    """Return a copy in which these fields are others: `attrs.evolve`, three times as quick.

    These alone are checked, as construction does, and copied; the others are those of `model`, which are
    shared. So `model` must have been judged before, and no rule may join a field given here to another.

    Args:
        model: what to copy.
        **values: the fields, by their names.

    Raises:
        TypeError: a value of the wrong type.
        ConfigurationError: a value breaks a rule.
    """
    copy = object.__new__(type(model))
    put = object.__setattr__.__get__(copy)
    for field in attrs.fields(type(model)):
        put(field.name, getattr(model, field.name))
    for name, value in values.items():
        field = getattr(attrs.fields(type(model)), name)
        taken = _taken(field, value)
        put(name, taken)
        if taken is not None:
            copy._validate_field(field, taken)
    return copy


def _taken(field: Field, value: Any) -> Any:
    hint = field.metadata.get("hint")
    if hint and isinstance(value, Iterator | AsyncIterable):
        raise TypeError(f"{field.name}: expected a list of str, got an iterator: {hint}")
    taken = check_argument(field.name, field.type, value)
    kept_as = field.metadata.get("kept_as")
    return taken if taken is None or kept_as is None else kept_as(taken)


def _refuse_request(unknown: Mapping[str, Any], part: str) -> None:
    for key in _AROUND:
        if key in unknown:
            raise ConfigurationError(f"{key}: this is a whole request; from_wire takes {part}")
    for key in _BESIDE:
        if key in unknown:
            raise _clients_own(key)


def _clients_own(key: str) -> ConfigurationError:
    return ConfigurationError(
        f"extra: {key!r} belongs to the client, not to a message: leave it out"
    )


def _validate_inner(name: str, model: CheckedModel) -> None:
    try:
        model.validate()
    except ConfigurationError as error:
        complaint = f"{name}.{error}"
    else:
        return
    raise ConfigurationError(complaint)


def _argument(cls: type, key: str) -> str:
    """Return how to pass the field whose wire name is `key`, as in ``ios=IOS(title=...)``."""
    for field in sent_fields(cls):
        if not field.metadata.get("flat"):
            if wire_name(field) == key:
                return f"{field.name}="
            continue
        slot = flat_class(field)
        if key in wire_fields(slot):
            return f"{field.name}={slot.__name__}({_argument(slot, key)}...)"
    raise KeyError(key)
