"""Which notifications tell each recipient what is meant for them? One template, texts for each."""

import json
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from typing import Any, Self, TypeAlias, overload

from attrs import field, frozen

from pushwoosh_async._personalised.merging import By, Merging
from pushwoosh_async._wire.audience import check_unaddressed
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification

Recipient: TypeAlias = tuple[str, Mapping[str, str]]
"""An id, and its texts by placeholder."""

RecipientStream: TypeAlias = AsyncIterable[Recipient] | AsyncIterable[Sequence[Recipient]]

_LOOK_AHEAD = 10_000
_OWN = "personalise"  # under what a recipe holds what is not the source's
_TEXT = (str, bytes, bytearray)


@frozen(kw_only=True, eq=False)
class _Personalised:
    """What both kinds share."""

    template: Notification
    recipients: Any
    by: By
    look_ahead: int

    @property
    def recipe(self) -> str:
        """How the notifications can be made again, as JSON: the source's recipe, and what is told here.

        Empty where the source has no recipe, or one that is no JSON object.
        """
        found = _object_in(getattr(self.recipients, "recipe", ""))
        if not found:
            return ""
        own = {"template": self.template.to_wire(), "by": self.by, "look_ahead": self.look_ahead}
        return json.dumps({**found, _OWN: own})

    async def fingerprint(self) -> str:
        """Return what tells the source from a changed one: what its own `fingerprint` says, else nothing.

        Raises:
            ConfigurationError: the source cannot be read.
        """
        take = getattr(self.recipients, "fingerprint", None)
        return "" if take is None else str(await take())

    def _merging(self) -> Merging:
        return Merging(self.template, self.by, self.look_ahead)


@frozen(kw_only=True, eq=False)
class Personalised(_Personalised):
    """Notifications, as `personalise` makes them of an iterable: anew each time, if that gives anew.

    Attributes:
        template: what they have in common.
        recipients: where the ids and their texts come from.
        by: what the ids are: ``"users"`` or ``"devices"``.
        look_ahead: the most recipients held at once.
    """

    recipients: Iterable[Recipient] = field(repr=False)

    def __iter__(self) -> Generator[Notification, None, None]:
        merging = self._merging()
        recipients = iter(self.recipients)
        try:
            for recipient in recipients:
                yield from merging.take(recipient)
            yield from merging.finish()
        finally:
            if isinstance(recipients, Generator):  # a file or a cursor is its owner's to close
                recipients.close()


@frozen(kw_only=True, eq=False)
class AsyncPersonalised(_Personalised):
    """Notifications, as `personalise` makes them of an async iterable: anew each time, if that gives anew.

    Attributes:
        template: what they have in common.
        recipients: where the ids and their texts come from.
        by: what the ids are: ``"users"`` or ``"devices"``.
        look_ahead: the most recipients held at once.
    """

    recipients: RecipientStream = field(repr=False)

    async def __aiter__(self) -> AsyncGenerator[Notification, None]:
        merging = self._merging()
        items = aiter(self.recipients)
        try:
            async for item in items:
                for recipient in _page_of(item):
                    for notification in merging.take(recipient):
                        yield notification
            for notification in merging.finish():
                yield notification
        finally:
            if isinstance(items, AsyncGenerator):
                await items.aclose()

    @classmethod
    def from_recipe(cls, recipe: str, read: Callable[..., RecipientStream]) -> Self:
        """Make them again as a `recipe` tells, for the resume of a run.

        Args:
            recipe: of an earlier one, as a journal keeps it.
            read: makes the source; called with what its own recipe holds, by keyword: `read_rows` for
                a file where it was, or a function that puts another `path` in its place.

        Raises:
            ConfigurationError: it is not the recipe of personalised notifications.
        """
        found = _object_in(recipe)
        own = found.pop(_OWN, None)
        if not isinstance(own, dict) or own.keys() != {"template", "by", "look_ahead"}:
            raise ConfigurationError("recipe: is not that of personalised notifications")
        template = Notification.from_wire(own["template"])
        _check(template, own["by"], own["look_ahead"])
        return cls(
            template=template, recipients=read(**found), by=own["by"], look_ahead=own["look_ahead"]
        )


@overload
def personalise(
    template: Notification,
    recipients: Iterable[Recipient],
    *,
    by: By = ...,
    look_ahead: int = ...,
) -> Personalised: ...
@overload
def personalise(
    template: Notification,
    recipients: RecipientStream,
    *,
    by: By = ...,
    look_ahead: int = ...,
) -> AsyncPersonalised: ...
def personalise(
    template: Notification,
    recipients: Iterable[Recipient] | RecipientStream,
    *,
    by: By = "users",
    look_ahead: int = _LOOK_AHEAD,
) -> Personalised | AsyncPersonalised:
    """Make a notification for each recipient out of one template, for `fan_out_each`.

    A recipient's texts take the place of the template's placeholders, as `dynamic_content_placeholders`
    [ES:89]. Where the template has some of its own, they are the defaults: a recipient's go first, and a
    recipient without any gets the template as it is.

    Recipients with equal texts share a notification, up to 1000. Looked at are as many as `look_ahead`,
    so memory is bounded: whoever comes that many places after a notification's first recipient, or
    later, is in another. The notifications come in the order of their first recipients, and the same
    recipients give the same notifications, however they are paged.

    An id that comes twice is sent to twice, with the texts of each place. The texts are copied when they
    are read. Whether an id obeys the rules is asked when it is sent, where `invalid` decides.

    Args:
        template: without audience and `transaction_id`.
        recipients: pairs ``(id, {placeholder: text})``: an iterable or async iterable of them, or an async
            iterable of lists of them (pages, faster), such as `read_rows` gives. A pair is a tuple.
        by: what the ids are, ``"users"`` or ``"devices"``.
        look_ahead: the most recipients held at once, at least 1. So many are read before the first
            notification is given, unless it is full before: 1 gives each at once and merges nothing. It
            belongs to a journalled run: a resume with another one is refused.

    Returns:
        An iterable of notifications, or an async iterable if `recipients` is one. Iterated once more it
        reads `recipients` once more. It passes on `fingerprint` and `recipe` of a file, for a journal.

        Where `recipients` raises, the notifications still held are not given: a resume can then go on
        where it ended.

    Raises:
        TypeError: a wrong type; while iterating, of a recipient, whose position is named.
        ConfigurationError: the template has an audience or a `transaction_id` or breaks a rule, `by` or
            `look_ahead` breaks one; while iterating, a text cannot go on the wire.
    """
    _check(template, by, look_ahead)
    if isinstance(recipients, AsyncIterable):
        return AsyncPersonalised(
            template=template, recipients=recipients, by=by, look_ahead=look_ahead
        )
    if isinstance(recipients, (*_TEXT, Mapping)) or not isinstance(recipients, Iterable):
        raise TypeError(
            "recipients: expected an iterable or async iterable of pairs (id, placeholders), "
            f"got {type(recipients).__name__}"
        )
    return Personalised(template=template, recipients=recipients, by=by, look_ahead=look_ahead)


def _check(template: Notification, by: object, look_ahead: object) -> None:
    check_unaddressed(template, "personalise")
    if template.transaction_id is not None:
        raise ConfigurationError(
            "notification: personalise takes one without transaction_id: under one id for all the API "
            "would drop all but the first"
        )
    if type(by) is not str:
        raise TypeError(f"by: expected a str, got {type(by).__name__}")
    if by not in ("users", "devices"):
        raise ConfigurationError("by: must be one of 'users', 'devices'")
    if isinstance(look_ahead, bool) or not isinstance(look_ahead, int):
        raise TypeError(f"look_ahead: expected an int, got {type(look_ahead).__name__}")
    if look_ahead < 1:
        raise ConfigurationError(f"look_ahead: must be at least 1, not {look_ahead}")


def _page_of(item: object) -> Sequence[object]:
    """Return the recipients that an item of a stream is: a tuple is one, any other sequence is a page."""
    if isinstance(item, Sequence) and not isinstance(item, (tuple, *_TEXT)):
        return item
    return (item,)


def _object_in(text: object) -> dict[str, Any]:
    """Return the JSON object that a text is; an empty one if it is none."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}
