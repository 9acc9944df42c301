"""How is a run put together? Its parts made, and joined to the client's session."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from attrs import evolve, frozen

from pushwoosh_async._client_journals import JournalledRuns
from pushwoosh_async._client_run_facts import facts_of
from pushwoosh_async._client_run_options import RunOptions
from pushwoosh_async._fanout.admission import most_under_way
from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.intake import Intake, check_readable_twice, page_size_of
from pushwoosh_async._fanout.journal import Journal, NoJournal
from pushwoosh_async._fanout.packing import Packer, Packing
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.promise import Promise
from pushwoosh_async._fanout.run import FanOut
from pushwoosh_async._fanout.runner import Runner
from pushwoosh_async._fanout.settings import RunSettings
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal
from pushwoosh_async._fanout.survey import SendPlan, Survey
from pushwoosh_async._transport.retry import Guard
from pushwoosh_async._transport.session import Call, Session
from pushwoosh_async._window import Window
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import Target, Template, bytes_around, envelope, room_around
from pushwoosh_async._wire.identity import RunIdentity, run_id
from pushwoosh_async._wire.methods import CREATE_MESSAGE
from pushwoosh_async.models.results import MessageResult


@frozen(kw_only=True)
class Input:
    """What is sent to whom.

    Attributes:
        source: see `Intake`, as the two that follow.
        kind: of its ids.
        check: checks a page of it; None for no check before the first is sent.
        cut: makes what cuts it.
        template: what all are sent; None where each has its own.
    """

    source: Any
    kind: str
    check: Callable[[Sequence[Any], int], None] | None
    cut: Callable[[RunIdentity], AnyPlanner]
    template: Template | None = None


@frozen
class Wiring:
    """What a sender needs of its client.

    Attributes:
        target: what it speaks for.
        identity: what every transactionId hangs on.
        send: sends chunks in one request, repeated as far as the guard allows.
        session: what is shared by all that uses the client.
        window: the window of a request whose notifications take so many bytes.
        max_connections: requests that can be in flight.
    """

    target: Target
    identity: RunIdentity
    send: Callable[[Sequence[Chunk], Guard], Awaitable[MessageResult]]
    session: Session
    window: Callable[[int], Window]
    max_connections: int


def wiring_of(runs: "Runs") -> Wiring:
    """Return what joins a sender to a client."""
    return runs._wiring()  # noqa: SLF001 -- the seam for what is built on a client and no part of it


class Runs(JournalledRuns):
    """Puts runs together."""

    def _wiring(self) -> Wiring:
        return Wiring(
            target=self._require_target(),
            identity=self._identity(None),
            send=self._send,
            session=self._session,
            window=self._window,
            max_connections=self._max_connections,
        )

    def _run(self, given: Input, options: RunOptions) -> FanOut:
        session, target = self._session, self._require_target()
        packing = self._packing(options)
        identity = self._identity(options.send_id)
        planner: AnyPlanner = given.cut(identity)
        promise = None
        if options.plan is not None:
            check_readable_twice(given.source)
            planner = promise = Promise(
                planner, options.plan, partial(self._survey, given, options)
            )
        runner = Runner(
            intake=self._intake(given, options),
            planner=planner,
            send=self._send,
            journal=self._journal(options),
            facts=facts_of(
                source=given.source,
                kind=given.kind,
                identity=identity,
                target=target,
                template=given.template,
                options=options,
                policy=session.policy,
                clock=session.clock,
                promise=promise,
            ),
            clock=session.clock,
            settings=RunSettings(
                concurrency=options.concurrency,
                deadline=options.deadline,
                on_rejected=options.on_rejected,
                bisect_requests=options.bisect_requests,
                chunk_size=options.chunk_size,
                store_ids=options.store_ids,
                again=options.again,
                packing=packing,
                window=self._window,
                held=session.held,
                rate=lambda: session.rate,
                pause=session.pause,
            ),
        )
        return FanOut(runner)

    async def _plan(self, given: Input, options: RunOptions) -> SendPlan:
        """Read the source, and return what sending it would do."""
        found = await self._survey(given, options)
        around = bytes_around(self._require_target())
        return found.plan(around=around, rate=self._session.rate)

    async def _survey(self, given: Input, options: RunOptions) -> Survey:
        target = self._require_target()
        found = Survey(given.cut(self._identity(None)), target.key)
        packer = Packer(self._packing(options))
        await found.read(self._intake(given, options), packer)
        return found

    def _packing(self, options: RunOptions) -> Packing:
        """Return how full a request may be: no fuller than one may begin, else each would leave a rest.

        Raises:
            ConfigurationError: an attempt at the largest request does not fit the window.
        """
        packing = options.packing(room_around(self._require_target()))
        if not options.packs:
            return packing
        window = self._session.window(options.max_request_bytes)
        most = min(packing.most, most_under_way(self._session.rate, window))
        return evolve(packing, most=max(int(most), 1))

    def _identity(self, send_id: str | None) -> RunIdentity:
        return RunIdentity(run_id(send_id), self._base_url, self._require_target().code)

    def _intake(self, given: Input, options: RunOptions) -> Intake:
        size = page_size_of(given.kind, options.chunk_size)
        return Intake(given.source, size, kind=given.kind, check=given.check)

    async def _send(self, chunks: Sequence[Chunk], guard: Guard) -> MessageResult:
        """Send chunks in one request, repeated as far as the guard allows."""
        ids = tuple(chunk.transaction_id for chunk in chunks)
        body = envelope(self._require_target(), [chunk.notification() for chunk in chunks])
        call = Call(CREATE_MESSAGE, body, ids, decode_messages)
        return await self._session.call(call, guard=guard)

    def _window(self, size: int) -> Window:
        """Return the window of a request whose notifications take so many bytes."""
        return self._session.window(size + room_around(self._require_target()))

    def _journal(self, options: RunOptions) -> Journal:
        if options.path is None:
            return NoJournal()
        # Half of what is in flight in one commit: 0.03 commits a chunk, and nobody waits long.
        gather = max(1, options.concurrency // 2)
        clock = self._session.clock
        return SqliteJournal(options.path, gather=gather, clock=clock, store_ids=options.store_ids)
