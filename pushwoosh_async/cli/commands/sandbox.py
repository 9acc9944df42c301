"""``pushwoosh-async sandbox``: a stand-in API that runs until it is told to stop."""

import json
import os
import shlex
import signal
import threading
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from pushwoosh_async.cli.complaints import BadInputError, naming
from pushwoosh_async.cli.words import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pushwoosh_async.sandbox import Fault, Sandbox

_NAMES = {
    "faults": "--faults",
    "repeat": "--repeat",
    "bad_notification": "--bad-notification",
    "window": "--window",
    "rate_limit": "--rate-limit",
    "latency": "--latency",
}


class Repeat(StrEnum):
    """How the stand-in answers a transactionId that it remembers."""

    SAME_CODE = "same_code"
    EMPTY = "empty"
    REFUSED = "210"
    CONFLICT = "409"


class BadNotification(StrEnum):
    """What becomes of the others where some notifications of a request break a rule."""

    REFUSES_ALL = "refuses_all"
    REST_SENT = "rest_sent"
    DROPPED = "dropped"


FAULTS_METAVAR = "NAME:RATE,..."
FAULTS_HELP = (
    "What goes wrong, and how often: reset_after:0.02,delay:0.01:0.3. An unknown name lists all."
)
SeedOption = Annotated[int, typer.Option(metavar="N", help="Which requests the faults strike.")]
RepeatOption = Annotated[
    Repeat, typer.Option(help="How a repeat is answered; nobody knows what the vendor does.")
]
WindowOption = Annotated[
    float, typer.Option(metavar="S", help="Seconds for which a transactionId is remembered.")
]


def sandbox(
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0: a free one.")] = 8080,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="To listen on.")] = "127.0.0.1",
    faults: Annotated[str, typer.Option(metavar=FAULTS_METAVAR, help=FAULTS_HELP)] = "",
    seed: SeedOption = 0,
    repeat: RepeatOption = Repeat.SAME_CODE,
    sends_beside_repeat: Annotated[
        bool,
        typer.Option(
            "--sends-beside-repeat",
            help="With 210 and 409: send the others of a request that is refused for a repeat in it.",
        ),
    ] = False,
    bad_notification: Annotated[
        BadNotification,
        typer.Option(
            help="What becomes of the others where some of a request are bad: 210 and nothing is sent, "
            "210 though they are sent, or 200 with their codes alone."
        ),
    ] = BadNotification.REFUSES_ALL,
    window: WindowOption = 300.0,
    rate_limit: Annotated[
        int | None, typer.Option(metavar="N", help="Requests a minute; beyond, 429. Default: none.")
    ] = None,
    latency: Annotated[float, typer.Option(metavar="S", help="Seconds before each answer.")] = 0.0,
    token: Annotated[
        str, typer.Option(metavar="TEXT", help="The token to accept; opens nothing else.")
    ] = "sandbox-token",  # noqa: S107 -- opens nothing but the sandbox
    device_token: Annotated[
        str, typer.Option(metavar="TEXT", help="The token to accept for devices; likewise.")
    ] = "sandbox-device-token",  # noqa: S107 -- the same
    application: Annotated[
        str, typer.Option(metavar="CODE", help="The application to accept.")
    ] = "XXXXX-XXXXX",
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write down every notification that arrives before it is answered, synced.",
        ),
    ] = None,
    reject_id: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Call a notification bad that names this id. Repeatable."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="One line of JSON when ready, one with the truth at exit."),
    ] = False,
    until_eof: Annotated[
        bool, typer.Option("--until-eof", help="Stop, too, when standard input ends.")
    ] = False,
) -> int:
    """Run a stand-in Pushwoosh API on this machine, until Ctrl-C; then show what really happened.

    It keeps account of every delivery: GET /sandbox/truth, GET /sandbox/recipients.
    """
    parsed = check_faults(faults)
    with naming(_NAMES):
        from pushwoosh_async.sandbox import Sandbox

        stand_in = Sandbox(
            host=host,
            port=port,
            token=token,
            device_token=device_token,
            applications=(application,),
            faults=parsed,
            seed=seed,
            repeat=repeat.value,
            sends_beside_repeat=sends_beside_repeat,
            bad_notification=bad_notification.value,
            window=window,
            rate_limit=rate_limit,
            latency=latency,
            rejected_ids=reject_id or (),
            ledger_file=ledger,
        )
    access = {"token": token, "device_token": device_token, "application": application}
    return anyio.run(_serve, stand_in, access, as_json, until_eof)


def check_faults(text: str) -> "Sequence[Fault]":
    """Return the faults that a text names, if a sandbox can play them.

    Raises:
        BadInputError: their text cannot be read, or they strike more than every request; or the
            sandbox cannot be used at all, for want of its extra.
    """
    with naming({}):
        from pushwoosh_async.sandbox import Sandbox, parse_faults
    try:
        faults = parse_faults(text)
        Sandbox(faults=faults)
    except ValueError as error:
        complaint = str(error)
    else:
        return faults
    raise BadInputError(f"--faults: {complaint}")


async def _serve(sandbox: "Sandbox", access: dict[str, str], as_json: bool, until_eof: bool) -> int:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        try:
            await sandbox.start()
        except OSError as error:
            option = "--port, --host" if error.filename is None else "--ledger"
            complaint = f"{option}: {error.strerror or error}"
        else:
            complaint = ""
        if complaint:
            raise BadInputError(complaint)
        try:
            typer.echo(_greeting(sandbox.url, access, as_json=as_json))
            if until_eof:
                threading.Thread(target=_stop_at_eof, daemon=True).start()
            async for _ in signals:
                break
        finally:
            await sandbox.aclose()
    typer.echo(_farewell(sandbox, as_json=as_json))
    return 0


def _stop_at_eof() -> None:
    """Wait for the end of standard input, which comes also when whoever started us is killed.

    In a thread of its own that nobody waits for, and without Python's buffers and their locks.
    """
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _greeting(url: str, access: dict[str, str], *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"url": url, **access})
    settings = {
        "PUSHWOOSH_BASE_URL": url,
        "PUSHWOOSH_API_TOKEN": access["token"],
        "PUSHWOOSH_DEVICE_API_TOKEN": access["device_token"],
        "PUSHWOOSH_APPLICATION": access["application"],
    }
    exports = "\n".join(f"  export {name}={shlex.quote(value)}" for name, value in settings.items())
    return (
        f"The sandbox listens on {url}. In another shell:\n\n{exports}\n"
        "  pushwoosh-async send --users users.txt --content 'Hello'\n\n"
        f"What really happened: {url}/sandbox/truth. Ctrl-C stops it."
    )


def _farewell(sandbox: "Sandbox", *, as_json: bool) -> str:
    truth = {name: getattr(sandbox.truth(), name) for name in TRUTHS}
    faults = dict(sandbox.truth().faults)
    if as_json:
        return json.dumps({**truth, "faults": faults})
    rows = {name: f"{value:,}" for name, value in truth.items()}
    rows |= {f"fault {name}": f"{number:,}" for name, number in sorted(faults.items())}
    return f"\nWhat really happened:\n{table(rows)}"


# The counters of `pushwoosh_async.sandbox.Truth` that are plain numbers.
TRUTHS = (
    "recipients",
    "deliveries",
    "duplicates",
    "replays",
    "connections",
    "requests",
    "accepted",
    "rejected",
    "throttled",
    "broadcasts",
    "cancelled",
    "recalled",
)
