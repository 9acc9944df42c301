"""What goes to whom: one notification to every id in a file, or one made for each of its rows?"""

import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Mapping,
    Sequence,
    Sized,
)
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias, cast

from attrs import evolve

from pushwoosh_async import (
    AsyncPersonalised,
    ConfigurationError,
    FanOut,
    IdFile,
    Notification,
    PushwooshClient,
    RowFile,
    SendPlan,
)

Kind: TypeAlias = Literal["users", "devices"]
Told: TypeAlias = Callable[[int, Sequence[Any]], None]

_PLACE = re.compile(r"notifications\[(\d+)\]\.(users|devices)\[(\d+)\]")


class Counted(AsyncIterable[Any], Sized):
    """A source of which it is known how many it holds: so the time left can be told, and who was left out.

    Attributes:
        total: how many recipients; its length, too.
    """

    def __init__(self, source: IdFile | AsyncPersonalised, total: int) -> None:
        self._source = source
        self.total = total

    def __len__(self) -> int:
        return self.total

    def __aiter__(self) -> AsyncIterator[Any]:
        return aiter(self._source)

    @property
    def recipe(self) -> str:
        """How the source is read: see `IdFile` and `AsyncPersonalised`."""
        return self._source.recipe

    async def fingerprint(self) -> str:
        """Return what tells the source from a changed one: as `recipe`."""
        return await self._source.fingerprint()


@dataclass(frozen=True)
class OneForAll:
    """One notification, and a file of ids.

    Attributes:
        template: the notification.
        kind: whether the ids are users or devices.
        source: the ids, as the library takes them.
    """

    template: Notification
    kind: Kind
    source: IdFile

    # How many share a request if nobody says: as in `PushwooshClient.fan_out`.
    per_request: ClassVar[Literal[1, "max"]] = 1
    placeholders: ClassVar[tuple[str, ...]] = ()

    @property
    def path(self) -> str:
        """Of the file."""
        return self.source.path

    def fan_out(self, client: PushwooshClient, run: Mapping[str, Any], total: int | None) -> FanOut:
        """Make the run; `total` is how many ids there are, where that is known."""
        ids = self.source if total is None else Counted(self.source, total)
        audience: dict[str, Any] = {self.kind: ids}
        return client.fan_out(self.template, **audience, **run)

    async def plan(self, client: PushwooshClient, how: Mapping[str, Any], told: Told) -> SendPlan:
        """Read the file to its end, and return what sending would do.

        Args:
            client: that would send.
            how: arguments of its `plan`.
            told: after each page how many ids were read, and the page.

        Raises:
            ConfigurationError: it cannot be read, or an id breaks a rule.
        """
        audience: dict[str, Any] = {self.kind: _watched(self.source, told)}
        return await client.plan(self.template, **audience, **how)


@dataclass(frozen=True)
class OneForEach:
    """A notification for each row of a file, made of one template.

    Attributes:
        source: the notifications, as the library takes them.
        path: of the file.
    """

    source: AsyncPersonalised
    path: str

    per_request: ClassVar[Literal[1, "max"]] = "max"  # as in `PushwooshClient.fan_out_each`

    @property
    def template(self) -> Notification:
        """What they have in common."""
        return self.source.template

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Which the rows can fill."""
        rows = self.source.recipients
        return tuple(rows.placeholders) if isinstance(rows, RowFile) else ()

    @property
    def kind(self) -> Kind:
        """Whether the ids are users or devices."""
        return self.source.by

    def fan_out(self, client: PushwooshClient, run: Mapping[str, Any], total: int | None) -> FanOut:
        """Make the run; `total` is how many rows there are, where that is known."""
        source = self.source if total is None else Counted(self.source, total)
        return client.fan_out_each(source, **run)

    async def plan(self, client: PushwooshClient, how: Mapping[str, Any], told: Told) -> SendPlan:
        """Read the file to its end, and return what sending would do.

        Args:
            client: that would send.
            how: arguments of its `plan_each`.
            told: after each page how many rows were read, and the page.

        Raises:
            ConfigurationError: it cannot be read, or an id breaks a rule.
        """
        source = evolve(self.source, recipients=_watched(self.source.recipients, told))
        try:
            return await client.plan_each(source, **how)
        except ConfigurationError as error:
            complaint = str(error)
        raise ConfigurationError(await self._by_row(complaint))

    async def _by_row(self, complaint: str) -> str:
        """Return a complaint about an id of a notification as one about an id of the file."""
        place = _PLACE.match(complaint)
        # What can be read once is not looked through again.
        if place is None or not await self.source.fingerprint():
            return complaint
        number, inside = int(place[1]), int(place[3])
        # The same notifications, since they depend on the texts alone.
        numbered = evolve(self.source, recipients=_numbered(self.source.recipients))
        async with aclosing(aiter(numbered)) as notifications:
            async for notification in notifications:
                if number == 0:
                    row = (getattr(notification, place[2]) or ())[inside]
                    return f"{place[2]}[{row}]{complaint[place.end() :]}"
                number -= 1
        return complaint


Mailing: TypeAlias = OneForAll | OneForEach


async def _watched(pages: AsyncIterable[Any], told: Told) -> AsyncIterator[Any]:
    read = 0
    async with aclosing(cast(AsyncGenerator[Any, None], aiter(pages))) as each:
        async for page in each:
            read += len(page)
            told(read, page)
            yield page


async def _numbered(pages: Any) -> AsyncIterator[list[tuple[str, Mapping[str, str]]]]:
    position = 0
    async with aclosing(aiter(pages)) as each:
        async for page in each:
            yield [(str(number), texts) for number, (_, texts) in enumerate(page, position)]
            position += len(page)
