"""What can be done about a run that was sent: take it back, and look for what is in doubt."""

from contextlib import suppress

import anyio

from pushwoosh_async._client_run_journal import JournalPath, check_path
from pushwoosh_async._fanout.journal import RunFacts
from pushwoosh_async._fanout.options import check_count
from pushwoosh_async._fanout.reading import opened, pages
from pushwoosh_async._fanout.recall import RecallReport, recall
from pushwoosh_async._fanout.reconcile import ReconcileReport, reconcile
from pushwoosh_async._fanout.sqlite_journal import SqliteJournal
from pushwoosh_async._transport.session import Session
from pushwoosh_async._wire.encode import Target
from pushwoosh_async.endpoints.messages import Messages
from pushwoosh_async.errors import ConfigurationError, JournalError


class JournalledRuns(Messages):
    """What a client does about runs that have a journal."""

    def __init__(
        self, session: Session, target: Target | None, *, base_url: str, max_connections: int
    ) -> None:
        super().__init__(session, target)
        self._base_url = base_url
        self._max_connections = max_connections

    async def recall(self, journal: JournalPath, *, concurrency: int = 16) -> RecallReport:
        """Cancel every accepted message of a scheduled run.

        What became of each is written into the journal as soon as it is known: a second call asks only
        about what the first did not cancel. Of a run of `fan_out_each` the journal has no dates: each
        message is asked how it stands. It takes the journal's lock, so a run must have ended.

        Args:
            journal: path of the run's journal.
            concurrency: messages asked about at once, 1 to `max_connections`.

        Raises:
            TypeError: a wrong type.
            ConfigurationError: the run was sent at once, so that there is nothing to recall; or this
                client speaks for another application, or to another address, than the run.
            JournalLockedError: a run uses the journal.
            JournalError: there is none, or it cannot be trusted, or what became of a message could not
                be written down.
            PushwooshError: what every message would meet, such as a refused token: nothing further is
                asked. A note on the error says how far it came.

        Vendor: cancelMessage [ES:1090-1122], getMessageDetails [ES:680-719].
        """
        path = check_path(journal)
        check_count("concurrency", concurrency, 1, self._max_connections, " (max_connections)")
        clock = self._session.clock
        book = SqliteJournal(path, gather=1, clock=clock, store_ids=False)
        try:
            facts = (await book.open(None)).facts
            self._check_reaches(facts)
            recalls = await book.recalls()
            report = await recall(
                facts,
                book.records(),
                cancelled={path for path, each in recalls.items() if each.result == "cancelled"},
                cancel=self.cancel_message,
                details=self.get_message_details,
                note=book.note_recall,
                clock=clock,
                concurrency=concurrency,
            )
        except BaseException:
            with anyio.CancelScope(shield=True), suppress(JournalError):
                await book.close(None)
            raise
        with anyio.CancelScope(shield=True):
            await book.close(None)
        return report

    async def reconcile(self, journal: JournalPath, *, max_rows: int = 10_000) -> ReconcileReport:
        """Look through the application's history for messages that could be a run's chunks in doubt.

        Evidence for a person to judge, never a verdict, and nothing is written. Missing from the history
        are messages to fewer than ten devices [ES:512-520]; a group of applications cannot be searched
        for [ES:956].

        Args:
            journal: path of the run's journal.
            max_rows: messages of the history looked at, at most; 1 to 1,000,000. They come newest first,
                1000 with each request.

        Raises:
            TypeError: a wrong type.
            ConfigurationError: this client speaks for another application, or to another address, than
                the run.
            JournalLockedError: a run uses the journal.
            JournalError: there is none, or it cannot be trusted.
            PushwooshError: the history could not be read.

        Vendor: getPushHistory [ES:941-1088].
        """
        path = check_path(journal)
        check_count("max_rows", max_rows, 1, 1_000_000)
        async with opened(path) as reader:
            self._check_reaches(reader.facts)
            return await reconcile(
                reader.facts,
                pages(reader),
                ending=reader.ending,
                salvaged_to=reader.salvaged_to,
                now=self._session.clock.stamp().wall,
                history=self.get_push_history,
                max_rows=max_rows,
            )

    def _check_reaches(self, facts: RunFacts) -> None:
        """Refuse a journal whose messages this client would look for in the wrong place."""
        if facts.base_url != self._base_url:
            raise ConfigurationError(
                f"journal: its run went to {facts.base_url}, and this client goes to {self._base_url}"
            )
        sent_for = facts.application or facts.applications_group
        if self._target is not None and self._target.code != sent_for:
            raise ConfigurationError(
                f"journal: its run was for {sent_for}, and this client speaks for {self._target.code}"
            )
