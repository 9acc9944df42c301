"""Which recipients are told the same, so that one notification serves them? Pure, told them one by one.

The same recipients give the same notifications, however their pages fall: a resume depends on it.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import Factory, define

from pushwoosh_async._wire.converter import check_argument
from pushwoosh_async._wire.methods import MAX_RECIPIENTS
from pushwoosh_async.models.json_values import check_json
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.wire_model import replaced

By: TypeAlias = Literal["users", "devices"]
_Key: TypeAlias = frozenset[tuple[str, str]]


@define
class _Group:
    first: int  # position of the first of them
    key: _Key
    texts: dict[str, str]
    ids: list[str] = Factory(list)

    @property
    def full(self) -> bool:
        return len(self.ids) == MAX_RECIPIENTS


class Merging:
    """Holds recipients until nobody can join them any more: at most `look_ahead` of them.

    The notifications leave in the order of their first recipients, so one that is full waits for those
    begun before it.
    """

    def __init__(self, template: Notification, by: By, look_ahead: int) -> None:
        self._template = template
        self._by = by
        self._look_ahead = look_ahead
        self._defaults = template.dynamic_content_placeholders or {}
        self._taken = 0
        self._open: dict[_Key, _Group] = {}
        self._line: deque[_Group] = deque()

    def take(self, recipient: object) -> Iterator[Notification]:
        """Take a pair ``(id, placeholders)``; return the notifications that are now certain.

        Raises:
            TypeError: it is no such pair; its position is named.
            ConfigurationError: a text in it cannot go on the wire.
        """
        identifier, own = _checked(recipient, self._taken)
        texts = {**self._defaults, **own}
        key = frozenset(texts.items())
        group = self._open.get(key)
        if group is None:
            group = self._open[key] = _Group(self._taken, key, texts)
            self._line.append(group)
        group.ids.append(identifier)
        self._taken += 1
        if group.full:
            del self._open[key]
        return self._certain()

    def finish(self) -> Iterator[Notification]:
        """Return the notifications that remain when there are no more recipients."""
        return map(self._notification, self._line)

    def _certain(self) -> Iterator[Notification]:
        while self._line:
            group = self._line[0]
            if not group.full:
                if self._taken - group.first < self._look_ahead:
                    return
                del self._open[group.key]
            yield self._notification(self._line.popleft())

    def _notification(self, group: _Group) -> Notification:
        # Where nothing is to be put in a place, the template's own field stands, unset or empty.
        texts = group.texts or self._template.dynamic_content_placeholders
        return replaced(
            self._template, **{self._by: group.ids, "dynamic_content_placeholders": texts}
        )


def _checked(recipient: object, position: int) -> tuple[str, Mapping[str, str]]:
    """Return a recipient as it is kept: the placeholders copied, as the caller's dict may change."""
    where = f"recipients[{position}]"
    if not isinstance(recipient, tuple) or len(recipient) != 2:
        found = type(recipient).__name__
        found = f"a {found} of {len(recipient)}" if isinstance(recipient, tuple) else found
        raise TypeError(f"{where}: expected a pair (id, placeholders), got {found}")
    identifier, placeholders = recipient
    # A subclass could change its text under our hands; that the id obeys its rules is asked when sent.
    if type(identifier) is not str:
        raise TypeError(f"{where}.id: expected a str, got {type(identifier).__name__}")
    texts = check_argument(f"{where}.placeholders", Mapping[str, str], placeholders)
    check_json(f"{where}.id", identifier)
    check_json(f"{where}.placeholders", texts)
    return identifier, texts
