"""``pushwoosh-async demo``: the main job, end to end, and held against the server's own ledger."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from pushwoosh_async import Notification, PushwooshClient, RetryPolicy, read_ids
from pushwoosh_async.cli.commands.sandbox import (
    FAULTS_HELP,
    FAULTS_METAVAR,
    Repeat,
    RepeatOption,
    SeedOption,
    WindowOption,
    check_faults,
)
from pushwoosh_async.cli.complaints import complain, naming, words_of
from pushwoosh_async.cli.demo_text import Figures, closing_words, figures_table, opening_words
from pushwoosh_async.cli.display import display
from pushwoosh_async.cli.exit_codes import ExitCode, code_of
from pushwoosh_async.cli.ledger_check import Labelled, check, labelled
from pushwoosh_async.cli.mailing import Counted
from pushwoosh_async.cli.memory import peak_memory
from pushwoosh_async.cli.run_options import QuietOption, Transport, TransportOption
from pushwoosh_async.cli.sandbox_process import SandboxAddress, sandbox_process
from pushwoosh_async.cli.watching import Ending, Retrying, watch

# One request in twenty leaves its delivery unknown; one more in a hundred is late.
FAULTS = (
    "reset_before:0.005,reset_after:0.007,error_500_before:0.005,error_500_after:0.005,"
    "error_503_before:0.003,error_503_after:0.003,stall_before:0.003,stall_after:0.003,"
    "truncated_before:0.003,truncated_after:0.004,garbage_before:0.002,garbage_after:0.003,"
    "html_before:0.002,html_after:0.002,delay:0.01:0.3"
)
_NOTIFICATION = Notification(content={"en": "Hello", "de": "Hallo"})
# Short, as a stalled request lasts until it is over; and nothing here needs longer.
_TIMEOUT = 1.5
# With --packed. As many as fit would be five requests, hardly one of which would meet a fault.
_PACK = 20
# The library's own proportion, 120 s of 300 s, for a window that is made shorter.
_MARGIN_SHARE = 0.4

_NAMES = {
    "max_connections": "--concurrency",
    "timeout": "--window",
    "retry.window": "--window",
    "transport": "--transport",
}


def demo(
    users: Annotated[int, typer.Option(metavar="N", min=1, help="How many users.")] = 1_000_000,
    concurrency: Annotated[int, typer.Option(metavar="N", help="Requests in flight.")] = 16,
    faults: Annotated[
        str,
        typer.Option(
            metavar=FAULTS_METAVAR,
            help=FAULTS_HELP,
            show_default="5 % that leave delivery unknown, 1 % late",
        ),
    ] = FAULTS,
    seed: SeedOption = 0,
    repeat: RepeatOption = Repeat.SAME_CODE,
    window: WindowOption = 300.0,
    packed: Annotated[
        bool,
        typer.Option("--packed", help=f"Send {_PACK} notifications of 1000 users in each request."),
    ] = False,
    transport: TransportOption = Transport.HTTPX,
    quiet: QuietOption = False,
) -> int:
    """Send to a million users through a faulty network, then hold the report against the truth.

    A sandbox in another process stands in for Pushwoosh and fails about 5 % of the requests in ways that
    leave delivery unknown. Exits with 1 if a user was lost or sent to twice. With --repeat 409 no doubt
    can be cleared, and the run waits until their window has closed: give a short --window.
    """
    parsed = check_faults(faults)
    unclear = sum(fault.rate for fault in parsed if fault.name != "delay")
    late = sum(fault.rate for fault in parsed if fault.name == "delay")
    retrying = Retrying()
    settings: dict[str, Any] = {
        "max_connections": concurrency,
        "transport": transport.value,
        "timeout": _TIMEOUT,
        "rate_limit": None,
        "hooks": retrying,
    }
    with naming(_NAMES):
        # Small delays: the stand-in is not spared, a vendor should be.
        settings["retry"] = RetryPolicy(
            base_delay=0.05, max_delay=2.0, window=window, margin=window * _MARGIN_SHARE
        )
        # Refuses here, in this process and before anything starts, what it will refuse later.
        PushwooshClient(
            api_token="none",  # noqa: S106 -- it opens nothing
            base_url="http://localhost",
            **settings,
        )
    options = [f"--faults={faults}", f"--seed={seed}", f"--repeat={repeat}", f"--window={window}"]
    pack = _PACK if packed else 1
    return anyio.run(_demo, users, pack, options, settings, (unclear, late), quiet)


async def _demo(
    users: int,
    pack: int,
    options: Sequence[str],
    settings: dict[str, Any],
    shares: tuple[float, float],
    quiet: bool,
) -> ExitCode:
    with tempfile.TemporaryDirectory(prefix="pushwoosh-demo-") as folder:
        path = Path(folder, "users.txt")
        async with sandbox_process(options) as sandbox:
            await anyio.to_thread.run_sync(write_users, path, users)
            typer.echo(opening_words(users, sandbox.url, *shares, packed=pack), err=quiet)
            ending, ranges = await _run(sandbox, path, users, pack, settings, quiet=quiet)
            peak = peak_memory()
            if ending.cancelled:
                complain("cancelled; the report was not held against the ledger")
                return ExitCode.CANCELLED
            truth, deliveries = await sandbox.truth(), await sandbox.deliveries()
        ids = await anyio.to_thread.run_sync(read_users, path)
    verdict = check(ids, ranges, ending.report, deliveries)
    figures = Figures(ending.report, verdict, truth, peak)
    typer.echo(f"\n{figures_table(figures)}\n\n{closing_words(figures)}")
    return _code(ending, figures)


async def _run(
    sandbox: SandboxAddress,
    path: Path,
    users: int,
    pack: int,
    settings: dict[str, Any],
    *,
    quiet: bool,
) -> tuple[Ending, list[Labelled]]:
    ranges: list[Labelled] = []
    async with PushwooshClient(
        api_token=sandbox.token, application=sandbox.application, base_url=sandbox.url, **settings
    ) as client:
        run = client.fan_out(
            _NOTIFICATION,
            users=Counted(read_ids(path), users),
            concurrency=settings["max_connections"],
            notifications_per_request=pack,
        )
        with display("sending", quiet=quiet) as shown:
            ending = await watch(
                run, shown, settings["hooks"], on_outcome=lambda o: ranges.append(labelled(o))
            )
    return ending, ranges


def _code(ending: Ending, figures: Figures) -> ExitCode:
    if ending.error is not None:
        complain(words_of(ending.error, _NAMES))
    if not figures.is_sound:
        return ExitCode.FAILED
    code = code_of(ending.report, ending.error, cancelled=False, begun=ending.report.requests > 0)
    # A server that will not clear a doubt leaves some, and the demo has shown that they are reported.
    return ExitCode.DONE if code is ExitCode.IN_DOUBT else code


def write_users(path: Path, number: int) -> None:
    """Write so many user ids, one a line."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(f"user-{n:07d}\n" for n in range(1, number + 1))


def read_users(path: Path) -> list[str]:
    """Return the ids in such a file."""
    return path.read_text("ascii").splitlines()
