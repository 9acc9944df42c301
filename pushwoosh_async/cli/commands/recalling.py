"""``recall`` and ``reconcile``: what was sent is taken back, and what is in doubt is looked for."""

import json

import typer

from pushwoosh_async.cli.connection import TIMEOUT
from pushwoosh_async.cli.evidence_text import evidence_document, evidence_text
from pushwoosh_async.cli.exit_codes import ExitCode, code_of_recall
from pushwoosh_async.cli.journal_calls import ask_about
from pushwoosh_async.cli.options import JsonOption, TimeoutOption, TokenFileOption
from pushwoosh_async.cli.recall_text import recall_document, recall_text
from pushwoosh_async.cli.run_options import JournalArgument, QuietOption


def recall(
    journal: JournalArgument,
    token_file: TokenFileOption = None,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Cancel every accepted message of a send with a date to come.

    What was cancelled is written into the journal: the same line again goes on with the rest.
    """
    report = ask_about(
        journal,
        lambda client: client.recall(journal),
        label="cancelling",
        token_file=token_file,
        timeout=timeout,
        quiet=quiet,
    )
    if report is None:
        return ExitCode.CANCELLED
    code = code_of_recall(report)
    if as_json:
        typer.echo(json.dumps(recall_document(report, exit_code=code)))
    else:
        typer.echo(recall_text(report))
    return code


def reconcile(
    journal: JournalArgument,
    token_file: TokenFileOption = None,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """List what the account's history shows beside each range in doubt. It is no verdict.

    Messages of the API to fewer than ten devices at once are missing from the history.
    """
    report = ask_about(
        journal,
        lambda client: client.reconcile(journal),
        label="looking",
        token_file=token_file,
        timeout=timeout,
        quiet=quiet,
    )
    if report is None:
        return ExitCode.CANCELLED
    typer.echo(json.dumps(evidence_document(report)) if as_json else evidence_text(report))
    return ExitCode.DONE
