"""How is a fan-out asked for? Two calls, each option of theirs explained."""

from collections.abc import Collection

from pushwoosh_async._client_plans import Plans
from pushwoosh_async._client_run_journal import JournalPath
from pushwoosh_async._client_run_options import (
    MAX_REQUEST_BYTES,
    NotificationsPerRequest,
    RunOptions,
)
from pushwoosh_async._fanout.intake import Audience, Notifications
from pushwoosh_async._fanout.run import FanOut
from pushwoosh_async._fanout.settings import OnRejected
from pushwoosh_async._fanout.sieve import InvalidPolicy
from pushwoosh_async._wire.methods import MAX_RECIPIENTS
from pushwoosh_async.models.notification import Notification


class FanOuts(Plans):
    """Sends to lists of any length."""

    def fan_out(
        self,
        notification: Notification,
        *,
        users: Audience | None = None,
        devices: Audience | None = None,
        concurrency: int = 16,
        chunk_size: int = MAX_RECIPIENTS,
        notifications_per_request: NotificationsPerRequest = 1,
        max_request_bytes: int = MAX_REQUEST_BYTES,
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
        plan: str | None = None,
    ) -> FanOut:
        """Send one notification to any number of recipients, in chunks of up to 1000.

        Every chunk ends as accepted, rejected, in doubt or not sent. A chunk whose fate is unknown is
        repeated under its own transactionId until that could send twice, and never after. An empty
        audience sends nothing. The ids are pulled as they are needed, never listed; a list is copied, and
        checked as a whole, like a tuple, before the first is sent.

        Args:
            notification: without audience and `transaction_id`.
            users: user ids: an iterable or async iterable of str, or an async iterable of lists of
                them (pages, faster).
            devices: push tokens or hwids, instead of `users`.
            concurrency: chunks in flight, 1 to `max_connections`.
            chunk_size: ids in a chunk, 1 to 1000. A last chunk under 10 takes ids from the one before,
                so that the API gives it a message code.
            notifications_per_request: chunks that share a request, 1 to 1000, or ``"max"``: as many as fit.
                The API counts requests (600 a minute), not notifications: this lifts what fits under its
                limit. **One failed request leaves all of its chunks in doubt**, until each was repeated
                inside its window; what the API refuses in a pack ends in doubt, never as rejected. A packed
                run sends one chunk alone until one was accepted, and has no more under way than could be
                repeated one by one at the client's rate, if the API answers within seconds and nothing else
                uses the client. A request leaves when it is full, or the source has ended.
            max_request_bytes: of a request with more than one notification, 10,000 to 9,900,000. The
                API takes under 10 MB [H-batch].
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
            plan: the `hash` of a `SendPlan`: send only if it is of this very send. The recipients are read
                twice, so they must be a list or a file; what changes in between ends the run.

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
        options = RunOptions(
            concurrency=concurrency,
            chunk_size=chunk_size,
            notifications_per_request=notifications_per_request,
            max_request_bytes=max_request_bytes,
            journal=journal,
            send_id=send_id,
            dedupe=dedupe,
            invalid=invalid,
            on_rejected=on_rejected,
            bisect_requests=bisect_requests,
            deadline=deadline,
            retry_rejected=retry_rejected,
            resend_in_doubt=resend_in_doubt,
            store_ids=store_ids,
            plan=plan,
            max_connections=self._max_connections,
        )
        return self._run(self._one(notification, users, devices, options), options)

    def fan_out_each(
        self,
        notifications: Notifications,
        *,
        concurrency: int = 16,
        chunk_size: int = MAX_RECIPIENTS,
        notifications_per_request: NotificationsPerRequest = "max",
        max_request_bytes: int = MAX_REQUEST_BYTES,
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
        plan: str | None = None,
    ) -> FanOut:
        """Send many different notifications, each to the recipients it names, packed into few requests.

        Everything that `fan_out` promises holds for each notification: it ends as accepted, rejected, in
        doubt or not sent, and is repeated under its own transactionId inside its window only. All
        counts and positions are of recipients, in the order of the notifications. See `personalise`
        for one template with placeholders for each recipient.

        Args:
            notifications: an iterable or async iterable of `Notification`, or an async iterable of lists
                of them. Each names `users` or `devices`, and may have its own `transaction_id`; the same
                twice is refused. They are pulled as they are needed.
            notifications_per_request: notifications that share a request, 1 to 1000, or ``"max"``: as many
                as fit. **One failed request leaves all of them in doubt** until each was repeated
                inside its window; what the API refuses in a pack ends in doubt, never as rejected. At 1 a
                refusal is clean, and 600 notifications a minute is the API's limit. A request leaves when
                it is full, or the source has ended: for a stream that never ends take 1, or a
                `BatchingSender`.
            chunk_size: a notification with more ids than this is cut.
            dedupe: send once to a user id, and once to a device, that come twice, with the first
                notification that names them.
            journal: as in `fan_out`. What is written down is a row for each notification, with the digest
                of its content: the same notifications must be given again, in the same order.
            concurrency: requests in flight, 1 to `max_connections`.
            max_request_bytes: see `fan_out`, as all that follows.
            send_id: names this send.
            invalid: what becomes of an id that breaks a rule.
            on_rejected: what becomes of a notification that was rejected, alone in its request.
            bisect_requests: halves at most that ``"bisect"`` makes.
            deadline: seconds after which nothing new begins.
            retry_rejected: send once more what was rejected.
            resend_in_doubt: send once more what is in doubt: **may send twice**.
            store_ids: keep the ids in the journal.
            plan: the `hash` of a `SendPlan`: send only if it is of this very send.

        Returns:
            An object to await for the report, or to enter and watch.

        Raises:
            TypeError: here: a wrong type. Awaited: an item is no Notification, or an id not a str.
            ConfigurationError: here: an option that breaks a rule. Awaited: a notification that does; its
                place and the rule are named.
            JournalError: awaited; see `fan_out`, as all that follows.
            InputChangedError: the journal was made for other notifications or options.
            RunStoppedError: the token or application was refused, or as `on_rejected` asks.
        """
        options = RunOptions(
            concurrency=concurrency,
            chunk_size=chunk_size,
            notifications_per_request=notifications_per_request,
            max_request_bytes=max_request_bytes,
            journal=journal,
            send_id=send_id,
            dedupe=dedupe,
            invalid=invalid,
            on_rejected=on_rejected,
            bisect_requests=bisect_requests,
            deadline=deadline,
            retry_rejected=retry_rejected,
            resend_in_doubt=resend_in_doubt,
            store_ids=store_ids,
            plan=plan,
            max_connections=self._max_connections,
        )
        return self._run(self._each(notifications, options), options)
