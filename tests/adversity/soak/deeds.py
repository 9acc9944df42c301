"""What do the users of a soak do? They send in every way there is, and seldom wait for the end of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from random import Random

from attrs import define, field

from pushwoosh_async import (
    BatchingSender,
    FanOut,
    Notification,
    PushwooshClient,
    PushwooshError,
)

from .account import Account, Outcome, Plan, Session, Single

HELLO = Notification(content="Hello")
_IN_A_LETTER = 3


def begin(client: PushwooshClient, plan: Plan, deadline: float | None = None) -> FanOut:
    """Begin a run, or go on with it."""
    if plan.packed:
        return client.fan_out_each(
            _letters(plan), journal=plan.journal, concurrency=4, deadline=deadline
        )
    return client.fan_out(
        HELLO,
        users=plan.ids,
        journal=plan.journal,
        chunk_size=plan.chunk_size,
        concurrency=8,
        deadline=deadline,
    )


def _letters(plan: Plan) -> list[Notification]:
    ids = plan.ids
    return [
        Notification(content=f"letter {at}", users=ids[at : at + _IN_A_LETTER])
        for at in range(0, plan.count, _IN_A_LETTER)
    ]


@define
class User:
    """One of those who send at the same time, through a client that they share.

    Attributes:
        name: of the user, and how the names of all runs and recipients of theirs begin.
    """

    name: str
    _client: PushwooshClient
    _sender: BatchingSender
    _account: Account
    _folder: Path
    _dice: Random
    _number: int = 0
    _unfinished: Plan | None = None
    _ways: tuple[Callable[[FanOut], Awaitable[None]], ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._ways = (self._to_the_end, self._until_tired, self._left, self._drained)

    async def act(self, until: float) -> None:
        """Do one thing after the other until a time of the loop's clock."""
        while asyncio.get_running_loop().time() < until:
            draw = self._dice.random()
            if draw < 0.25:
                await self._run()
            elif draw < 0.6:
                await self._call()
            else:
                await asyncio.gather(*(self._mail() for _ in range(self._dice.randint(1, 12))))

    # -- runs -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        plan = self._unfinished or self._another()
        deadline = self._dice.choice([None, None, self._dice.uniform(0.02, 0.3)])
        begun = time.time()
        run = begin(self._client, plan, deadline)
        with suppress(PushwooshError, TimeoutError):
            await self._dice.choice(self._ways)(run)
        report = run.report
        self._account.note(Session(plan, begun, report))
        is_over = report.total == plan.count and not report.not_sent and not report.in_doubt
        self._unfinished = None if is_over or self._dice.random() < 0.3 else plan

    def _another(self) -> Plan:
        self._number += 1
        name = f"{self.name}-run-{self._number}"
        return Plan(
            name,
            count=self._dice.randrange(60, 300, _IN_A_LETTER),
            packed=self._dice.random() < 0.3,
            chunk_size=self._dice.randint(10, 25),
            journal=self._folder / f"{name}.db",
        )

    async def _to_the_end(self, run: FanOut) -> None:
        await run

    async def _until_tired(self, run: FanOut) -> None:
        async with asyncio.timeout(self._dice.uniform(0.0, 0.3)):
            await run

    async def _left(self, run: FanOut) -> None:
        async with run:
            async for _ in run:
                if self._dice.random() < 0.2:
                    return

    async def _drained(self, run: FanOut) -> None:
        async with run:
            async for _ in run:
                run.drain()

    # -- calls ----------------------------------------------------------------------------------

    async def _call(self) -> None:
        recipient = self._recipient("call")
        note = Notification(content="Hello", users=[recipient])
        await self._noted(recipient, self._client.create_message(note))

    async def _mail(self) -> None:
        recipient = self._recipient("mail")
        await self._noted(recipient, self._sender.send(HELLO, user=recipient))

    def _recipient(self, kind: str) -> str:
        self._number += 1
        return f"{kind}:{self.name}-{self._number}"

    async def _noted(self, recipient: str, call: Awaitable[object]) -> None:
        outcome: Outcome = "accepted"
        try:
            async with asyncio.timeout(self._dice.choice([None, self._dice.uniform(0.0, 0.3)])):
                await call
        except PushwooshError as error:
            outcome = error.delivery
        except TimeoutError:
            outcome = "in_doubt"
        self._account.note(Single(recipient, outcome))
