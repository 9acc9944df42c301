"""How is the real sender put together in a simulated process? As the client puts it together."""

import random
import uuid
from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen
from fanout_world import FACTS

from pushwoosh_async import FanOut, Hooks, MessageResult, Notification
from pushwoosh_async._fanout.chunks import Chunk, Message
from pushwoosh_async._fanout.intake import (
    Intake,
    can_be_checked_first,
    check_page_of,
    page_size_of,
    size_of,
)
from pushwoosh_async._fanout.journal import RunFacts
from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.plan import Planner
from pushwoosh_async._fanout.plan_each import RECIPIENTS, EachPlanner, check_notifications
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.request_guard import RequestGuard
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._fanout.runner import Runner
from pushwoosh_async._fanout.settings import RunSettings
from pushwoosh_async._fanout.sieve import InvalidPolicy
from pushwoosh_async._secret import Secret
from pushwoosh_async._transport.exchange import Transport
from pushwoosh_async._transport.rate_limit import RateLimiter
from pushwoosh_async._transport.session import Call, Session
from pushwoosh_async._transport.tokens import Tokens
from pushwoosh_async._window import Window
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import Target, envelope, room_around, template
from pushwoosh_async._wire.identity import RunIdentity
from pushwoosh_async._wire.methods import CREATE_MESSAGE
from simulation.computer import Computer
from simulation.dice import TIMEOUT, Scenario
from simulation.inputs import CONTENT
from simulation.process import Process

TARGET = Target("application", "AAAAA-BBBBB")
ROOM_AROUND = room_around(TARGET)
_TEMPLATE = template(Notification(content=CONTENT))


@frozen(kw_only=True)
class Sending:
    """The parts of one run.

    Attributes:
        scenario: the options that never change.
        process: where it runs.
        computer: whose clock it goes by.
        session: what its requests go through.
        packing: how full they may be.
        deadline: seconds after which nothing new begins.
        again: what is sent once more.
        rng: draws its run id.
    """

    scenario: Scenario
    process: Process
    computer: Computer
    session: Session
    packing: Packing
    deadline: float | None
    again: Again
    rng: random.Random

    def fan_out(self, source: Any) -> FanOut:
        """Put a run over a source together."""
        planner, kind = self._planner(source), RECIPIENTS if self.scenario.each else "users"
        check = check_notifications if self.scenario.each else check_page_of("users")
        runner = Runner(
            intake=Intake(
                source,
                page_size_of(kind, self.scenario.chunk_size),
                kind=kind,
                check=check if self._checks_first(source) else None,
            ),
            planner=planner,
            send=self._send,
            journal=self.process.journal,
            facts=lambda: self._facts(source, kind, planner.identity),
            clock=self.computer,
            settings=self._settings(),
        )
        return FanOut(runner)

    @property
    def _invalid(self) -> InvalidPolicy:
        return "drop" if self.scenario.odd else "raise"

    def _checks_first(self, source: Any) -> bool:
        return self._invalid == "raise" and can_be_checked_first(source)

    def _planner(self, source: Any) -> AnyPlanner:
        scenario = self.scenario
        # A resume takes the journal's run id, whatever its own would have been.
        run_id = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        identity = RunIdentity(run_id, FACTS.base_url, TARGET.code)
        if scenario.each:
            return EachPlanner(
                identity,
                chunk_size=scenario.chunk_size,
                invalid=self._invalid,
                dedupe=scenario.dedupe,
            )
        return Planner(
            identity,
            Message("users", _TEMPLATE),
            chunk_size=scenario.chunk_size,
            invalid=self._invalid,
            dedupe=scenario.dedupe,
            trusted=self._checks_first(source),
        )

    async def _facts(self, source: Any, kind: str, identity: RunIdentity) -> RunFacts:
        one = None if self.scenario.each else _TEMPLATE
        return evolve(
            FACTS,
            run_id=str(identity.run_id),
            send_id=None if self.scenario.clean else "mine",
            application=TARGET.code,
            kind=kind,
            template_digest="" if one is None else one.digest,
            notification="{}" if one is None else one.text,
            chunk_size=self.scenario.chunk_size,
            dedupe=self.scenario.dedupe,
            invalid=self._invalid,
            total=size_of(source, kind),
            created=self.computer.stamp(),
        )

    def _settings(self) -> RunSettings:
        return RunSettings(
            concurrency=self.scenario.concurrency,
            deadline=self.deadline,
            on_rejected=self.scenario.on_rejected,
            bisect_requests=self.scenario.bisect_requests,
            chunk_size=self.scenario.chunk_size,
            store_ids=False,
            again=self.again,
            packing=self.packing,
            window=self._window,
            held=self.session.held,
            rate=lambda: self.session.rate,
            pause=self.session.pause,
        )

    def _window(self, size: int) -> Window:
        return self.session.window(size + ROOM_AROUND)

    async def _send(self, chunks: Sequence[Chunk], guard: RequestGuard) -> MessageResult:
        if self.process.alive:
            self.process.journal.minutes.begin(chunks)
        ids = tuple(chunk.transaction_id for chunk in chunks)
        body = envelope(TARGET, [chunk.notification() for chunk in chunks])
        return await self.session.call(
            Call(CREATE_MESSAGE, body, ids, decode_messages), guard=guard
        )


def session_of(
    scenario: Scenario, transport: Transport, computer: Computer, rng: random.Random
) -> Session:
    """Return the session of a client."""
    return Session(
        transport,
        tokens=Tokens(api=Secret("token", "api_token")),
        limiter=RateLimiter(scenario.limit),
        policy=scenario.policy,
        timeout=TIMEOUT,
        clock=computer,
        hooks=Hooks(),
        rng=rng,
    )


def most_under_way(session: Session, size: int) -> float:
    """Return how many notifications fit what is left of a window after two attempts (delivery.md 2.5).

    One in a request, at the rate of now; and there are as many requests again to come to that. `size` is
    the bytes of those of the next request.
    """
    window = session.window(size + ROOM_AROUND)
    return session.rate * (window.length - window.margin - 2 * window.attempt) / 2
