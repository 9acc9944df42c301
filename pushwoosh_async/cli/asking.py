"""How does a single call go, and what is said when it ends? Retries and failures are told truly."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from pushwoosh_async import (
    APIError,
    AttemptEvent,
    ConfigurationError,
    Delivery,
    Hooks,
    PushwooshClient,
    PushwooshError,
    RetryEvent,
)
from pushwoosh_async.cli.complaints import BadInputError, complain, in_options
from pushwoosh_async.cli.connection import Connection
from pushwoosh_async.cli.exit_codes import ExitCode, code_of_call
from pushwoosh_async.cli.failure import failure_document
from pushwoosh_async.cli.words import joined


class Effect(Enum):
    """What a call does."""

    SENDS = auto()
    CHANGES = auto()
    READS = auto()


# Nobody worries about a call that only reads.
_BECAME: dict[Effect, dict[Delivery, str]] = {
    Effect.SENDS: {
        "not_sent": "it was not sent",
        "rejected": "nobody got it",
        "in_doubt": "it may have been sent",
    },
    Effect.CHANGES: {
        "not_sent": "nothing was changed",
        "rejected": "nothing was changed",
        "in_doubt": "it may have been done",
    },
}


@dataclass(frozen=True)
class Call:
    """What a command works with.

    Attributes:
        client: to ask.
        as_json: whether a machine reads the output.
    """

    client: PushwooshClient
    as_json: bool

    def tell(self, shown: str | Table, document: Mapping[str, Any]) -> None:
        """Write a result to standard output.

        Args:
            shown: for people.
            document: the same for machines.
        """
        if self.as_json:
            typer.echo(json.dumps(document))
        elif isinstance(shown, str):
            typer.echo(shown)
        else:
            Console().print(shown)


class Asking(Hooks):
    """One call from its beginning to its exit code."""

    def __init__(
        self,
        effect: Effect,
        connection: Connection,
        names: Mapping[str, str],
        *,
        as_json: bool,
    ) -> None:
        """Prepare it.

        Args:
            effect: what the call does.
            connection: how to reach the API.
            names: the option by the library's argument, for its errors.
            as_json: whether a machine reads the output.
        """
        self._effect = effect
        self._connection = connection
        self._names = names
        self._as_json = as_json
        self._begun = False

    async def run(self, work: Callable[[Call], Awaitable[None]]) -> ExitCode:
        """Do the work with a client, and say what became of it if it fails.

        Raises:
            BadInputError: what the library refuses before the API is asked.
        """
        try:
            async with self._connection.open_client(hooks=self) as client:
                await work(Call(client, self._as_json))
        except TypeError as error:
            if self._begun:  # then it is no argument that is wrong
                raise
            complaint = str(error)
        except ConfigurationError as error:
            complaint = str(error)
        except PushwooshError as error:
            return self._fail(error)
        else:
            return ExitCode.DONE
        raise BadInputError(in_options(complaint, self._names))

    def cancelled(self) -> ExitCode:
        """Say what may have become of it when a signal ended it."""
        complain(self._with_fate("cancelled", "in_doubt" if self._begun else "not_sent"))
        return ExitCode.CANCELLED

    def on_attempt(self, event: AttemptEvent) -> None:  # noqa: ARG002 -- the hook's
        """Note that the API was asked."""
        self._begun = True

    def on_retry(self, event: RetryEvent) -> None:
        """Say why it takes longer."""
        complain(f"{event.reason}; trying again in {event.delay:.1f} s")

    def _with_fate(self, text: str, delivery: Delivery) -> str:
        became = _BECAME.get(self._effect)
        # A server may end its words with a full stop, which would stand before the semicolon.
        return text if became is None else f"{text.removesuffix('.')}; {became[delivery]}"

    def _fail(self, error: PushwooshError) -> ExitCode:
        code = code_of_call(error)
        text = self._with_fate(str(error), error.delivery)
        if error.delivery != "in_doubt":  # a doubt's note says what its fate says already
            text = joined(text, getattr(error, "__notes__", ()))
        reasons = error.errors if isinstance(error, APIError) else ()
        if self._as_json:
            failure = failure_document(
                text,
                code,
                delivery=error.delivery,
                errors=reasons,
                transaction_ids=error.transaction_ids,
            )
            typer.echo(json.dumps(failure))
        complain(text, [f"  {reason.get('message')} ({reason.get('type')})" for reason in reasons])
        return code
