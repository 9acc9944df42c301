"""Do the examples do what they say? Each is run as a user runs it, and the sandbox's ledger is asked."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from pushwoosh_async import Device, Platform, PushwooshClient
from pushwoosh_async.sandbox import Fault, Sandbox
from pushwoosh_async.testing import client_environment, client_options

EXAMPLES = Path(__file__).parent.parent / "examples"
# For a machine under load; nothing takes this long unless something is broken.
PATIENCE = 60.0


@dataclass
class World:
    """A sandbox, and a shell that points at it."""

    sandbox: Sandbox
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @asynccontextmanager
    async def start(self, example: str, *arguments: object) -> AsyncIterator[Process]:
        """Start an example, with every warning an error; it is gone when the block is left."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", str(EXAMPLES / example), *map(str, arguments)),
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, **client_environment(self.sandbox), **self.environment},
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def run(self, example: str, *arguments: object) -> "Ran":
        """Run an example to its end."""
        async with self.start(example, *arguments) as process:
            return await finished(process)

    def delivered(self) -> Counter[str]:
        """Return who was delivered to, and how often."""
        return Counter(self.sandbox.ledger.counts())


@dataclass
class Ran:
    """What a program came to."""

    code: int | None
    out: str
    err: str


async def finished(process: Process) -> Ran:
    """Wait for a program's end."""
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    return Ran(process.returncode, out.decode(), without_logs(err.decode()))


def without_logs(err: str) -> str:
    """Return standard error without what the library logs of failed calls where nobody set up logging."""
    return "".join(line for line in err.splitlines(keepends=True) if not line.startswith("create"))


async def line_of(process: Process) -> str:
    """Return the next line that a program prints."""
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().rstrip("\n")


@contextmanager
def changed(environment: dict[str, str], **variables: str) -> Iterator[None]:
    """Set variables for one run."""
    environment.update(variables)
    yield
    for name in variables:
        del environment[name]


def once(ids: list[str]) -> Counter[str]:
    """Return the ledger in which each of these was delivered to once."""
    return Counter(ids)


async def one_message(world: World) -> None:
    """It names the ids nobody knows, and delivers to the rest."""
    ran = await world.run("one_message.py", "user-1", "user-2", "stranger")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "accepted, message code: none\nnot known to the application: stranger\n"
    assert world.delivered() == once(["user-1", "user-2"])


async def bulk_from_csv(world: World) -> None:
    """It sends once to each id, tells a refusal and a damaged file apart, and exits accordingly."""
    ids = [f"user-{n}" for n in range(2500)]
    path = world.folder / "users.csv"
    path.write_text("name,user_id\n" + "".join(f"Ann,{id_}\n" for id_ in [*ids, "user-0"]))
    ran = await world.run("bulk_from_csv.py", path, "user_id", "Hello")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "accepted  2500\nrejected  0\nin doubt  0\nnot sent  0\n"
    assert world.delivered() == once(ids)

    world.sandbox.reset()
    world.sandbox.script([None, "reset_after"])
    path.write_text(path.read_text() + 'Ann,"user\n')
    ran = await world.run("bulk_from_csv.py", path, "user_id", "Hello")
    assert ran.code == 2
    assert "line 2503" in ran.err
    sent = len(world.delivered())
    assert ran.out == f"accepted  {sent}\nrejected  0\nin doubt  0\nnot sent  {2500 - sent}\n"

    world.sandbox.reset()
    path.write_text("user_id\nuser-1\n")
    with changed(world.environment, PUSHWOOSH_API_TOKEN="another-token"):
        ran = await world.run("bulk_from_csv.py", path, "user_id", "Hello")
    assert ran.code == 1
    assert "the token or application was refused" in ran.err
    assert ran.out == "accepted  0\nrejected  0\nin doubt  0\nnot sent  1\n"

    ran = await world.run("bulk_from_csv.py", path, "name", "Hello")
    assert ran.code == 2
    assert "'name'" in ran.err
    assert not world.delivered()


async def survive_a_crash(world: World) -> None:
    """It is killed in the middle, and the same line again sends to the rest, and to nobody twice."""
    ids = [f"user-{n}" for n in range(20_000)]
    path, journal = world.folder / "users.txt", world.folder / "campaign.db"
    path.write_text("\n".join(ids))
    async with world.start("survive_a_crash.py", path, journal, "Hello") as process:
        while len(world.delivered()) < 5000:  # noqa: ASYNC110 -- see below
            await asyncio.sleep(0)  # the sandbox runs on this loop, and has no event for it
        process.kill()
        await process.wait()
    assert len(world.delivered()) < 20_000
    ran = await world.run("survive_a_crash.py", path, journal, "Hello")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "accepted  20000\nrejected  0\nin doubt  0\n"
    assert world.delivered() == once(ids)
    assert (await world.run("survive_a_crash.py", path, journal, "Another text")).code == 2


async def watch_a_run(world: World) -> None:
    """It shows each chunk; SIGINT drains it, and nobody is sent to twice or left unaccounted for."""
    ids = [f"user-{n}" for n in range(3000)]
    path = world.folder / "users.txt"
    path.write_text("\n".join(ids))
    world.sandbox.script(["reset_after", "error_500_before"])
    ran = await world.run("watch_a_run.py", path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count(" accepted; ") == 3
    assert "2 retries" in ran.out
    assert ran.out.endswith("accepted 3000, rejected 0, in doubt 0, read but not sent 0\n")
    assert world.delivered() == once(ids)

    world.sandbox.reset()
    path.write_text("\n".join(f"user-{n}" for n in range(1_000_000)))
    async with world.start("watch_a_run.py", path) as process:
        assert " accepted; " in await line_of(process)
        process.send_signal(signal.SIGINT)
        ran = await finished(process)
    assert (ran.code, ran.err) == (0, "")
    accepted = len(world.delivered())
    assert f"\naccepted {accepted}, rejected 0, in doubt 0, read but not sent " in ran.out
    assert ran.out.endswith("the run ended early: drained\n")
    assert world.sandbox.truth().duplicates == 0


async def handle_errors(world: World) -> None:
    """Each kind of error leads to the next step that its delivery allows."""

    async def told(*expected: str, users: tuple[str, ...] = ("user-1",)) -> int | None:
        ran = await world.run("handle_errors.py", *users)
        assert ran.err == ""
        for text in expected:
            assert text in ran.out, ran.out
        return ran.code

    assert await told("accepted") == 0
    assert world.delivered() == once(["user-1"])

    world.sandbox.reset()
    world.sandbox.script(["reset_after"])
    assert await told("accepted") == 0
    assert world.delivered() == once(["user-1"])
    assert world.sandbox.truth().replays == 1

    world.sandbox.script(["reset_after"] * 2)
    assert await told("TransportError, delivery in_doubt", "note transaction") == 3
    world.sandbox.script(["error_503_before"] * 2)
    assert await told("ServerError, delivery in_doubt", "twice beats never") == 3
    world.sandbox.script(["html_after"] * 2)
    assert await told("UnexpectedResponseError, delivery in_doubt") == 3

    world.sandbox.reset()
    assert await told("ConfigurationError, delivery not_sent", users=()) == 2
    with changed(world.environment, PUSHWOOSH_API_TOKEN="another-token"):
        assert await told("AuthenticationError, delivery not_sent", "mend the token") == 2
    with changed(world.environment, PUSHWOOSH_BASE_URL="http://127.0.0.1:1"):
        assert await told("TransportError, delivery not_sent", "the server never had it") == 1
    assert not world.delivered()


async def custom_http_client(world: World) -> None:
    """Every exchange goes through the client that was brought."""
    users = [f"user-{n}" for n in range(150)]
    ran = await world.run("custom_http_client.py", *users)
    assert (ran.code, ran.err) == (0, "")
    line = "POST /json/1.3/createMessage: HTTP 200\n"
    assert ran.out == f"{line * 2}accepted 150 of 150\n"
    assert world.delivered() == once(users)

    world.sandbox.reset()
    # At the base URL nobody listens: what arrives has come through the proxy, which is the sandbox.
    proxied = {"EXAMPLE_PROXY": world.sandbox.url, "PUSHWOOSH_BASE_URL": "http://127.0.0.1:1"}
    with changed(world.environment, **proxied):
        ran = await world.run("custom_http_client.py", "user-1")
    assert (ran.code, ran.err) == (0, "")
    assert world.delivered() == once(["user-1"])


async def aiohttp_service(world: World) -> None:
    """It sends one message a request, answers by delivery, and stops on SIGTERM."""
    world.sandbox.script([None, *["reset_after"] * 4])
    async with world.start("aiohttp_service.py", 0) as process:
        url = (await line_of(process)).removeprefix("listening on ") + "/notify"
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as caller:
            sent = await caller.post(url, json={"user": "user-1", "text": "Hello"})
            wrong = await caller.post(url, json={"user": "", "text": "Hello"})
            doubt = await caller.post(url, json={"user": "user-2", "text": "Hello"})
        process.send_signal(signal.SIGTERM)
        ran = await finished(process)
    assert (ran.code, ran.err) == (0, "")
    assert (sent.status_code, list(sent.json())) == (200, ["transaction_id"])
    assert wrong.status_code == 400
    assert "users[0]" in wrong.json()["error"]
    assert (doubt.status_code, doubt.json()["delivery"]) == (504, "in_doubt")
    assert world.delivered() == once(["user-1", "user-2"])


async def fastapi_service(world: World) -> None:
    """Callers share requests, each is told its own; a full queue is a 503; SIGTERM sends what waits."""
    world.sandbox.script([Fault("delay", seconds=0.5)])
    with changed(world.environment, EXAMPLE_MAX_PENDING="2"):
        async with world.start("fastapi_service.py", 0) as process:
            url = (await line_of(process)).removeprefix("listening on ") + "/notify"
            async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as caller:

                async def ask(user: str) -> httpx.Response:
                    return await caller.post(url, json={"user": user, "text": "Hello"})

                answers = await asyncio.gather(
                    *map(ask, ["user-1", "stranger", "user-3", "user-4"])
                )
                wrong = await ask("")
                last = asyncio.create_task(ask("user-5"))
                await asyncio.sleep(0.02)
                process.send_signal(signal.SIGTERM)
                assert (await last).status_code == 200
            ran = await finished(process)
    assert (ran.code, ran.err) == (-signal.SIGTERM, "")
    by_status = Counter(answer.status_code for answer in answers)
    assert by_status == {200: 2, 503: 2}
    full = next(answer for answer in answers if answer.status_code == 503)
    assert "max_pending" in full.json()["error"]
    assert full.headers["retry-after"] == "1"
    assert (wrong.status_code, "must not be empty" in wrong.text) == (400, True)
    told = [answer.json() for answer in answers if answer.status_code == 200]
    assert len({each["transaction_id"] for each in told}) == 1
    assert world.delivered()["user-5"] == 1
    assert world.sandbox.truth().duplicates == 0


async def queue_worker(world: World) -> None:
    """A job is deleted when it was accepted; what is in doubt or refused is kept apart."""
    queue = world.folder / "queue"

    def put(name: str, job: str, folder: str = "new") -> None:
        (queue / folder).mkdir(parents=True, exist_ok=True)
        (queue / folder / name).write_text(job)

    def jobs(folder: str) -> list[str]:
        return sorted(path.name for path in (queue / folder).iterdir())

    for number in range(300):
        put(f"{number}.json", f'{{"user": "user-{number}", "text": "Hello"}}')
    put("bad.json", "no job")
    put("killed.json", '{"user": "user-x", "text": "Hello"}', "taken")
    ran = await world.run("queue_worker.py", queue)
    assert (ran.code, ran.out) == (1, "accepted  300\nrejected  1\n")
    assert (jobs("new"), jobs("taken")) == ([], [])
    assert (jobs("rejected"), jobs("in_doubt")) == (["bad.json"], ["killed.json"])
    assert world.delivered() == once([f"user-{number}" for number in range(300)])
    assert world.sandbox.truth().requests < 5

    put("again.json", '{"user": "user-1", "text": "Hello"}')
    with changed(world.environment, PUSHWOOSH_API_TOKEN="another-token"):
        ran = await world.run("queue_worker.py", queue)
    assert (ran.code, ran.out, jobs("new")) == (1, "not_sent  1\n", ["again.json"])
    ran = await world.run("queue_worker.py", queue)
    assert (ran.code, ran.out, jobs("new")) == (0, "accepted  1\n", [])


async def personalised_csv(world: World) -> None:
    """Each gets the words of their row, many in one request; a damaged file is told."""
    path = world.folder / "users.csv"
    rows = [(f"user-{number}", f"name-{number % 700}") for number in range(2000)]
    path.write_text("user_id,first_name\n" + "".join(f"{user},{name}\n" for user, name in rows))
    arguments = (path, "user_id", "Hi {name|CapitalizeFirst|friend}!", "name=first_name")
    ran = await world.run("personalised_csv.py", *arguments)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "accepted  2000\nrejected  0\nin doubt  0\nnot sent  0\n"
    assert world.delivered() == once([user for user, _ in rows])
    assert world.sandbox.truth().requests < 50
    ran = await world.run("personalised_csv.py", path, "user_id", "Hi", "name=surname")
    assert ran.code == 2
    assert "surname" in ran.err


async def segment(world: World) -> None:
    """It explains without sending, and sends to whom the segment matches; a refused filter is told."""
    async with PushwooshClient(**client_options(world.sandbox)) as client:
        for name, city, opened in (
            ("fits", "Paris", "2020-01-01"),
            ("elsewhere", "Rome", "2020-01-01"),
            ("recent", "Lyon", "2999-01-01"),
        ):
            device = Device(hwid=name, device_type=Platform.IOS, push_token="f" * 64)
            await client.register_device(device)
            tags = {"City": city, "Last Application Open": opened}
            await client.set_tags(tags, hwid=name)

    ran = await world.run("segment.py")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(
        'A("XXXXX-XXXXX", ["iOS", "Android"]) * T("City", IN, ["Paris", "Lyon"])'
    )
    assert '"City" has one of these values' in ran.out
    assert not world.delivered()

    ran = await world.run("segment.py", "--send")
    assert (ran.code, ran.err) == (0, "")
    assert "accepted, message code: " in ran.out
    assert world.delivered() == once(["fits"])


async def scheduled_message(world: World) -> None:
    """It schedules, looks, cancels and finds it in the history; without a code it stops."""
    users = [f"user-{n}" for n in range(10)]
    ran = await world.run("scheduled_message.py", *users)
    assert (ran.code, ran.err) == (0, "")
    assert " is pending, and goes out at " in ran.out
    assert "\ncancelled\nin the history: " in ran.out
    assert world.sandbox.truth().recalled == 10


async def sms_code(world: World) -> None:
    """It sends once; what is in doubt is told and not repeated; a wrong number is not sent."""
    ran = await world.run("sms_code.py", "+1234567890", "4711")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("accepted, message code: ")
    assert world.delivered() == once(["+1234567890"])

    world.sandbox.reset()
    world.sandbox.script(["reset_after"])
    ran = await world.run("sms_code.py", "+1234567890", "4711")
    assert ran.code == 3
    assert ran.out.startswith("in_doubt: createSMSMessage: ")
    assert "not repeated" in ran.out
    assert world.delivered() == once(["+1234567890"])

    world.sandbox.reset()
    ran = await world.run("sms_code.py", "1234567890", "4711")
    assert ran.code == 1
    assert ran.out.startswith("not_sent: phone_number: ")
    assert not world.delivered()


RUNS: dict[str, Callable[[World], Awaitable[None]]] = {
    "one_message.py": one_message,
    "bulk_from_csv.py": bulk_from_csv,
    "survive_a_crash.py": survive_a_crash,
    "watch_a_run.py": watch_a_run,
    "handle_errors.py": handle_errors,
    "custom_http_client.py": custom_http_client,
    "aiohttp_service.py": aiohttp_service,
    "segment.py": segment,
    "scheduled_message.py": scheduled_message,
    "sms_code.py": sms_code,
    "fastapi_service.py": fastapi_service,
    "queue_worker.py": queue_worker,
    "personalised_csv.py": personalised_csv,
}


@pytest.mark.slow
@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.glob("**/*.py")))
async def test_an_example_does_what_it_says(example: str, tmp_path: Path) -> None:
    """Every file in examples/ is run here, against a sandbox, with the settings it documents."""
    assert example in RUNS, "a new example: write down here what it must do"
    async with Sandbox(unknown=["stranger"]) as sandbox:
        await RUNS[example](World(sandbox, tmp_path))


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("**/*.py")), ids=lambda path: path.name)
def test_an_example_says_how_to_run_it(example: Path) -> None:
    """The docstring holds the command, and the program a main()."""
    text = example.read_text()
    assert f"python examples/{example.name}" in text.split('"""')[1]
    assert "def main(" in text
