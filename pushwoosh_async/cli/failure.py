"""What does a machine read when a command has failed? One object, whatever went wrong. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from pushwoosh_async import Delivery
from pushwoosh_async.cli.exit_codes import ExitCode


def failure_document(
    error: str,
    code: ExitCode,
    *,
    delivery: Delivery = "not_sent",
    errors: Sequence[Mapping[str, Any]] = (),
    transaction_ids: Sequence[str] = (),
) -> dict[str, Any]:
    """Return it.

    Args:
        error: what is said on standard error.
        code: the exit code.
        delivery: what became of the call.
        errors: the API's reasons.
        transaction_ids: of what may have been sent, to ask about.
    """
    return {
        "error": error,
        "errors": errors,
        "delivery": delivery,
        "transaction_ids": transaction_ids,
        "exit_code": code,
    }
