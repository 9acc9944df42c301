"""How is a fan-out put together? Its options checked, its parts made."""

from collections.abc import Collection
from pathlib import Path

from pushwoosh_async._client_journals import JournalledRuns
from pushwoosh_async._client_run import JournalPath, check_again, check_journal, facts_of
from pushwoosh_async._fanout.guard import ChunkGuard
from pushwoosh_async._fanout.intake import (
    Audience,
    Intake,
    can_be_checked_first,
    check_audience,
)
from pushwoosh_async._fanout.journal import Journal, NoJournal
from pushwoosh_async._fanout.options import (
    check_choice,
    check_count,
    check_flag,
    check_name,
    check_seconds,
)
from pushwoosh_async._fanout.plan import Chunk, InvalidPolicy, Kind, Planner
from pushwoosh_async._fanout.run import FanOut
from pushwoosh_async._fanout.runner import Runner
from pushwoosh_async._fanout.settings import OnRejected, RunSettings
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal
from pushwoosh_async._transport.session import Call
from pushwoosh_async._wire.audience import check_listable, check_unaddressed
from pushwoosh_async._wire.decode import decode_messages
from pushwoosh_async._wire.encode import Template, envelope, template
from pushwoosh_async._wire.identity import RunIdentity, run_id
from pushwoosh_async._wire.methods import CREATE_MESSAGE, MAX_RECIPIENTS
from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.models.results import MessageResult

# What stands around a notification's own bytes: names, codes, transactionId.
_ENVELOPE_BYTES = 512


class FanOuts(JournalledRuns):
    """Sends to lists of any length."""

    def fan_out(
        self,
        notification: Notification,
        *,
        users: Audience | None = None,
        devices: Audience | None = None,
        concurrency: int = 16,
        chunk_size: int = MAX_RECIPIENTS,
        journal: JournalPath | None = None,
        send_id: str | None = None,
        dedupe: bool = False,
        invalid: InvalidPolicy = "raise",
        on_rejected: OnRejected = "report",
        bisect_requests: int = 1000,
        deadline: float | None = None,
        retry_rejected: bool = False,
        resend_in_doubt: bool | Collection[str] = False,
        store_ids: bool = False,
    ) -> FanOut:
        """Send one notification to any number of recipients, in chunks of up to 1000.

        Every chunk ends as accepted, rejected, in doubt or not sent. A chunk whose fate is unknown is
        repeated under its own transactionId until that could send twice, and never after. An empty
        audience sends nothing. The ids are pulled as they are needed, never listed; a list or tuple is
        checked as a whole before the first is sent; do not change it while the run goes on.

        Args:
            notification: without audience and `transaction_id`.
            users: user ids: an iterable or async iterable of str, or an async iterable of lists of
                them (pages, faster).
            devices: push tokens or hwids, instead of `users`.
            concurrency: chunks in flight, 1 to `max_connections`.
            chunk_size: ids in a chunk, 1 to 1000. A last chunk under 10 takes ids from the one before,
                so that the API gives it a message code.
            journal: path of the file that makes the run survive: every request is written down before it
                leaves. The same call with the same journal goes on where a killed process left off; what
                was settled is never requested again; a finished run returns its report with no request.
                One file per run, on a local disk, never copied or rolled back. Without it a run ends
                with its process.
            send_id: names this send. A second start with the same `send_id`, notification and ids
                within 5 minutes sends to nobody twice; more than that it does not promise. With it a
                refused chunk counts as in doubt, since the refusal may be of the repeat.
            dedupe: send once to an id that comes twice; costs about 100 bytes of memory per id. Off,
                each position gets one delivery.
            invalid: ``"raise"`` at an id that breaks a rule, or ``"drop"`` and count it. An id is 1 to
                1024 characters, with no blank at either end and something visible in it.
            on_rejected: ``"report"`` a rejected chunk and go on, ``"stop"`` the run, or ``"bisect"``: take
                the chunk apart until the ids that the API refuses stand alone, and send to the others.
            bisect_requests: halves at most that ``"bisect"`` makes in a run; each is a request. One bad
                id among a thousand costs twenty. What is left is rejected, with ``unsplit`` in its reason.
            deadline: seconds after which nothing new begins; doubts still go on to their window's end.
            retry_rejected: send once more, under fresh ids, the chunks that earlier sessions of this
                journal saw rejected.
            resend_in_doubt: send once more, under fresh ids, the chunks that earlier sessions left in
                doubt, each once. **Whoever got such a message already gets a duplicate.** True for all of
                them, or the transactionIds of those to resend, as the report lists them, even a second
                time. What is resent ends as accepted or in doubt.
            store_ids: keep the ids, and those that the application does not know, in the journal, which
                then holds personal data; else it keeps their digests.

        Returns:
            An object to await for the report, or to enter and watch.

        Raises:
            TypeError: here: a wrong type, no audience or two. Awaited: an id that is not a str.
            ConfigurationError: here: an option that breaks a rule. Awaited: an id that does.
            JournalError: awaited: the journal cannot be used, or written any more: nothing is sent from
                then on that is not in it.
            InputChangedError: awaited: the journal was made for another notification, other recipients or
                options; says what differs; nothing was sent.
            RunStoppedError: awaited: the token or application was refused, the connection cannot be
                trusted, or as `on_rejected` asks. Its `report` says what became of everybody.
        """
        kind, source = _audience(users, devices)
        check_count("concurrency", concurrency, 1, self._max_connections, " (max_connections)")
        check_count("chunk_size", chunk_size, 1, MAX_RECIPIENTS)
        check_choice("invalid", invalid, "raise", "drop")
        check_choice("on_rejected", on_rejected, "report", "bisect", "stop")
        check_count("bisect_requests", bisect_requests, 2, 1_000_000)
        check_flag("dedupe", dedupe)
        if deadline is not None:
            check_seconds("deadline", deadline)
        check_name("send_id", send_id)
        again = check_again(retry_rejected, resend_in_doubt)
        path = check_journal(journal, store_ids=store_ids, again=again)
        target = self._require_target()
        check_listable(kind, target)
        encoded = _template(notification)
        identity = RunIdentity(run_id(send_id), self._base_url, target.code, kind, encoded.digest)
        check_first = invalid == "raise" and can_be_checked_first(source)
        planner = Planner(
            identity,
            kind,
            chunk_size=chunk_size,
            invalid=invalid,
            dedupe=dedupe,
            trusted=check_first,
        )

        async def send(chunk: Chunk, guard: ChunkGuard) -> MessageResult:
            notification = encoded.splice(kind, chunk.encoded, chunk.transaction_id)
            body = envelope(target, (notification,))
            call = Call(CREATE_MESSAGE, body, (chunk.transaction_id,), decode_messages)
            return await self._session.call(call, guard=guard)

        runner = Runner(
            intake=Intake(source, chunk_size, check_as=kind if check_first else None),
            planner=planner,
            send=send,
            journal=self._journal(path, concurrency, store_ids=store_ids),
            facts=facts_of(
                source=source,
                identity=identity,
                send_id=send_id,
                target=target,
                template=encoded,
                options={
                    "chunk_size": chunk_size,
                    "dedupe": dedupe,
                    "invalid": invalid,
                    "store_ids": store_ids,
                    "concurrency": concurrency,
                },
                policy=self._session.policy,
                clock=self._session.clock,
                journalled=path is not None,
            ),
            clock=self._session.clock,
            settings=RunSettings(
                concurrency=concurrency,
                deadline=deadline,
                on_rejected=on_rejected,
                bisect_requests=bisect_requests,
                chunk_size=chunk_size,
                store_ids=store_ids,
                again=again,
                window=lambda size: self._session.window(len(encoded) + size + _ENVELOPE_BYTES),
                held=self._session.held,
            ),
        )
        return FanOut(runner)

    def _journal(self, path: Path | None, concurrency: int, *, store_ids: bool) -> Journal:
        if path is None:
            return NoJournal()
        # Half of what is in flight in one commit: 0.03 commits a chunk, and nobody waits long.
        gather = max(1, concurrency // 2)
        return SqliteJournal(path, gather=gather, clock=self._session.clock, store_ids=store_ids)


def _audience(users: Audience | None, devices: Audience | None) -> tuple[Kind, Audience]:
    if (users is None) == (devices is None):
        raise TypeError("fan_out: give users= or devices=, one of them and not None")
    if users is not None:
        check_audience(users, "users")
        return "users", users
    check_audience(devices, "devices")
    return "devices", devices  # type: ignore[return-value]  # one of the two is not None


def _template(notification: Notification) -> Template:
    check_unaddressed(notification, "fan_out")
    if notification.transaction_id is not None:
        raise ConfigurationError(
            "notification: fan_out takes one without transaction_id: under one id for all chunks the "
            "API would drop all but the first"
        )
    return template(notification)
