"""Is the README true? Its programs run, its commands, options, names and links exist."""

import ast
import asyncio
import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import pushwoosh_async
from pushwoosh_async import Notification, PushwooshClient
from pushwoosh_async.cli.exit_codes import MEANINGS
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import client_environment

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", README, flags=re.MULTILINE | re.DOTALL)
# For a machine under load; nothing takes this long unless something is broken.
PATIENCE = 60.0


def blocks(language: str) -> list[str]:
    """Return the code blocks in a language."""
    return [textwrap.dedent(text) for found, text in BLOCKS if found == language]


def last_line(block: str) -> str:
    """Return a name for a test of this block."""
    return block.splitlines()[-1]


# Tests that pytest runs, whole programs, and lines that go into one.
TESTS = [block for block in blocks("python") if "import pytest" in block]
PROGRAMS = [block for block in blocks("python") if "import asyncio" in block]
LINES = [block for block in blocks("python") if block not in TESTS + PROGRAMS]


# Of the client: what the text shows in sections of their own.
_SHOWN_APART = {
    *("aclose", "broadcast", "fan_out", "fan_out_each", "plan", "plan_each", "rate"),
    *("recall", "reconcile"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change into a folder with the files that the README speaks of."""
    (tmp_path / "users.txt").write_text("".join(f"user-{n}\n" for n in range(1500)))
    rows = "".join(f"user-{n},{'Ann' if n % 2 else ''}\n" for n in range(1500))
    (tmp_path / "users.csv").write_text(f"user_id,first_name\n{rows}")
    (tmp_path / "notification.json").write_text('{"content": "Hello", "ios_badges": 1}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def run(sandbox: Sandbox, *command: str) -> str:
    """Run a program against a sandbox, every warning an error, and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", *command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **client_environment(sandbox)},
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, err.decode()) == (0, "")
    return out.decode()


def test_the_readme_has_programs_lines_and_commands() -> None:
    """What is looked for below is found at all."""
    assert len(TESTS) >= 1
    assert len(PROGRAMS) >= 2
    assert len(LINES) >= 4
    assert len(commands()) >= 4


@pytest.mark.parametrize("program", PROGRAMS, ids=last_line)
async def test_a_program_runs(program: str, folder: Path) -> None:
    """A program is run as it stands, and what it sent arrived once."""
    path = folder / "program.py"
    path.write_text(program)
    async with Sandbox() as sandbox:
        out = await run(sandbox, str(path))
        if "Sandbox" not in program:
            assert "accepted=1500" in out
            assert (sandbox.truth().recipients, sandbox.truth().duplicates) == (1500, 0)


@pytest.mark.parametrize("lines", TESTS, ids=last_line)
def test_a_test_passes(lines: str, pytester: pytest.Pytester) -> None:
    """A test is run by pytest as it stands, and finds our fixtures."""
    pytester.makepyfile(lines)
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error"
    )
    pytester.runpytest_inprocess("-p", "pytest_pushwoosh_async").assert_outcomes(passed=1)


async def journals_of(lines: str, client: PushwooshClient, ids: list[str]) -> Notification:
    """Make the journals that lines speak of; return what was sent with them."""
    hello = Notification(content="Hello")
    later = Notification(content="Hello", send_date=datetime(2099, 1, 1, tzinfo=UTC))
    for name, notification in (("campaign.db", hello), ("scheduled.db", later)):
        if name in lines:
            await client.fan_out(notification, users=ids, journal=name)
    return hello


@pytest.mark.parametrize("lines", LINES, ids=last_line)
@pytest.mark.usefixtures("folder")
async def test_lines_of_a_program_run(lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines run where `client` and `ids` are what the text around them says."""
    code = compile(lines, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names = {name: getattr(pushwoosh_async, name) for name in pushwoosh_async.__all__}
    async with Sandbox() as sandbox:
        for name, value in client_environment(sandbox).items():
            monkeypatch.setenv(name, value)
        async with PushwooshClient() as client:
            names |= {"client": client, "ids": ["user-1", "user-2"]}
            names["notification"] = await journals_of(lines, client, names["ids"])
            running: Any = eval(code, names)  # noqa: S307 -- our own README
            if inspect.iscoroutine(running):
                await running
        if "client" in lines:
            assert sandbox.truth().accepted >= 1
            assert sandbox.truth().broadcasts == ("broadcast" in lines)


def test_what_is_not_known_goes_into_extra() -> None:
    """The example of `extra` in the text is one that is taken."""
    assert 'extra={"new_key": 1}' in README
    assert Notification(extra={"new_key": 1}).to_wire() == {"new_key": 1}


def test_the_coroutines_in_the_table_are_those_of_the_client() -> None:
    """Each is there, and none of the client's is missing but those that the text shows apart."""
    (table,) = re.findall(r"\| coroutine \|.*?\n\n", README, flags=re.DOTALL)
    rows = re.findall(r"^\| (.*?) \|", table, flags=re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    real = {name for name in dir(PushwooshClient) if not name.startswith("_")}
    assert told == real - _SHOWN_APART


def commands() -> list[list[str]]:
    """Return the README's calls of our command, as words."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line for line in words if line[:1] == ["pushwoosh-async"]]


def typed(*arguments: str) -> str:
    """Type a command that needs no server, and return what it prints."""
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("command", sorted({line[1] for line in commands()}))
def test_a_command_and_its_options_exist(command: str) -> None:
    """Each command has a help, in which each option that the README gives it stands."""
    text = typed(command, "--help")
    for line in commands():
        if line[1] == command:
            options = {word for word in line[2:] if word.startswith("--")}
            assert options <= set(re.findall(r"--[a-z][a-z-]*", text))


@pytest.mark.parametrize("command", [c for c in commands() if c[1] == "send"], ids=" ".join)
@pytest.mark.usefixtures("folder")
async def test_a_send_runs(command: list[str]) -> None:
    """Each send sends to everybody in the file once, or with --dry-run to nobody."""
    async with Sandbox() as sandbox:
        await run(sandbox, "-m", "pushwoosh_async", *command[1:])
        assert sandbox.truth().recipients == (0 if "--dry-run" in command else 1500)
        assert sandbox.truth().duplicates == 0


def test_the_demo_prints_what_is_pasted() -> None:
    """The pasted output has the lines of a demo's, whatever the figures are."""
    (pasted,) = blocks("text")
    shown = typed("demo", "--users", "20000", "--quiet")

    def labels(text: str) -> list[str]:
        return re.findall(r"^  (\S.*?)  +[\d,.]+(?: MiB)?$", text, flags=re.MULTILINE)

    def closing(text: str) -> str:
        return re.search(r"^Held against.*?\n\n.*?at least", text, re.MULTILINE | re.DOTALL)[0]  # type: ignore[index]

    assert labels(pasted) == labels(shown)
    assert len(labels(pasted)) > 8
    same = re.compile(r"[\d,]+ requests take")
    assert same.sub("", closing(pasted)) == same.sub("", closing(shown))


def test_the_exit_codes_are_those_of_the_command() -> None:
    """The table is the command's own."""
    rows = re.findall(r"^\| (\d+) \| (.*?) \|$", README, flags=re.MULTILINE)
    assert rows == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]


def test_every_option_in_the_text_exists() -> None:
    """It is an option of one of the commands."""
    helps = "".join(
        typed(command, "--help")
        for command in ("send", "status", "sandbox", "demo", "register-device")
    )
    told = set(re.findall(r"`(--[a-z-]+)`", README))
    assert told
    assert told <= set(re.findall(r"--[a-z][a-z-]*", helps))


def test_every_name_of_ours_exists() -> None:
    """What is written as a name of the package can be imported."""
    for path in set(re.findall(r"\bpushwoosh_async\.[\w.]*\w", README)):
        module, _, name = path.rpartition(".")
        try:
            importlib.import_module(path)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(module), name), path
    capitalised = set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)", README))
    faces = (pushwoosh_async, importlib.import_module("pushwoosh_async.testing"))
    known = {name for face in faces for name in face.__all__}
    assert capitalised <= known | {"UnknownDevices"}


@pytest.mark.parametrize(
    ("variable", "kind"),
    {
        "client": PushwooshClient,
        "run": pushwoosh_async.FanOut,
        "progress": pushwoosh_async.Progress,
        "outcome": pushwoosh_async.ChunkOutcome,
        "report": pushwoosh_async.SendReport,
        "result": pushwoosh_async.MessageResult,
        "sandbox": Sandbox,
    }.items(),
)
def test_every_attribute_exists(variable: str, kind: type) -> None:
    """What the Python blocks take from an object is there, also in a branch that no test enters."""
    taken = set(re.findall(rf"\b{variable}\.(\w+)", "\n".join(blocks("python"))))
    assert taken
    assert {name for name in taken if not hasattr(kind, name)} == set()


def test_every_option_of_fan_out_is_one_and_has_that_default() -> None:
    """The table of options is the signature, whole."""
    parameters = inspect.signature(PushwooshClient.fan_out).parameters
    (table,) = re.findall(r"\| option of `fan_out`.*?\n\n", README, flags=re.DOTALL)
    rows = re.findall(r"^\| `(\w+)=`.*? \| (.*?) \|", table, flags=re.MULTILINE)
    told = {name: default.strip('`"') for name, default in rows}
    real = {
        name: str(parameter.default).replace("None", "none")
        for name, parameter in parameters.items()
        if name not in {"self", "notification", "users", "devices"}
    }
    assert told.keys() - real.keys() == {"users"}  # a row that speaks of `devices` as well
    assert told | real == told


def test_every_link_into_the_repository_leads_somewhere() -> None:
    """Files exist, and headings too."""
    headings = re.findall(r"^#+ (.*)$", README, flags=re.MULTILINE)
    anchors = {"#" + heading.lower().replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)\s]+)\)", README):
        if not target.startswith("https://"):
            assert target in anchors or (ROOT / target).exists(), target


def test_every_target_of_make_exists() -> None:
    """What the text says to make is in the Makefile."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    told = re.findall(r"^make (\w+)", "\n".join(blocks("sh")), flags=re.MULTILINE)
    assert {"demo", "test", "adversity", "matrix"} <= set(told)
    assert set(told) <= set(targets)
