"""Whatever a user gets wrong is one line on standard error and exit code 2, and no request leaves."""

import json
from pathlib import Path

import pytest
from adversity.story import Story

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell
from .shell import finish, settings, start

WRONG = [
    (["--chunk-size", "0"], "--chunk-size: must be 1 to 1000"),
    (["--chunk-size", "1001"], "--chunk-size: must be 1 to 1000"),
    (["--chunk-size", "many"], "--chunk-size: must be a whole number"),
    (["--max-request-bytes", "4MB"], "--max-request-bytes: must be a whole number"),
    (["--deadline", "soon"], "--deadline: must be a number (see pushwoosh-async send --help)"),
    (["--plan"], "--plan: needs a value"),
    (["--concurrency", "0"], "--concurrency: must be 1 to"),
    (["--timeout", "0"], "--timeout: must be above 0"),
    (["--timeout", "nan"], "--timeout: must be above 0"),
    (["--timeout", "200"], "--timeout: "),
    (["--deadline", "-1"], "--deadline: must be above 0"),
    (["--rate", "600"], "--rate: must be a number of requests a minute"),
    (["--rate", "0/min"], "--rate: must be a number of requests a minute"),
    (["--rate", "6/min", "--no-rate-limit"], "--no-rate-limit: give it or --rate"),
    (["--base-url", "http://example.com"], "--base-url: must begin with https://"),
    (["--base-url", "https://host\\@evil.com"], "--base-url: "),
    (["--application", "nonsense"], "--application: a code is"),
    (["--send-date", "tomorrow"], "--send-date: must be"),
    (["--send-date", "2030-01-31T10:00:30+01:00"], "--send-date: must be a whole minute"),
    (["--send-id", " "], "--send-id: must be printable, and not blank"),
    (["--transport", "pigeon"], "--transport: must be one of 'httpx', 'aiohttp' (see"),
    (["--invalid", "guess"], "--invalid: must be one of 'raise', 'drop' (see"),
    (["--on-rejected", "split"], "--on-rejected: must be one of 'report', 'bisect', 'stop' (see"),
    (["--column", "id"], "--users"),
    (["--format", "csv"], "--format 'csv' needs --column"),
    (["--column", "a", "--field", "b"], "column is for CSV"),
    (["--devices", "x"], "--devices: give it or --users"),
    (["--wrong"], "--wrong"),
    (["extra"], "extra"),
]


@pytest.mark.parametrize(
    ("options", "complaint"), WRONG, ids=lambda x: " ".join(x) if isinstance(x, list) else ""
)
def test_a_wrong_option(
    shell: Shell, sandbox: Sandbox, users: Path, options: list[str], complaint: str
) -> None:
    """The line names the option and the rule."""
    result = shell(sandbox, "send", "--users", str(users), "--content", "x", *options)
    assert result.code == 2
    assert complaint in result.complaint
    assert result.out == ""
    assert sandbox.truth().connections == 0


def test_what_is_missing(shell: Shell, sandbox: Sandbox, users: Path) -> None:
    """Audience, text, token, application, in the order in which one would look for them."""
    assert shell(sandbox, "send", "--content", "x").complaint.startswith("--users: give a file")
    some = ["send", "--users", str(users)]
    assert shell(sandbox, *some).complaint.startswith("--content: give a text")
    lonely = shell(None, *some, "--content", "x")
    assert lonely.complaint == "--token-file: give it, or set PUSHWOOSH_API_TOKEN"
    assert sandbox.truth().connections == 0


def test_the_environment_is_named_where_it_is_wrong(
    shell: Shell, sandbox: Sandbox, users: Path
) -> None:
    """Not an option that nobody typed."""
    good = settings(sandbox)
    command = ["send", "--users", str(users), "--content", "x"]
    for name, value in {
        "PUSHWOOSH_API_TOKEN": "two words",
        "PUSHWOOSH_APPLICATION": "?",
        "PUSHWOOSH_BASE_URL": "ftp://127.0.0.1",
    }.items():
        result = finish(start(*command, env={**good, name: value}))
        assert result.code == 2
        assert result.complaint.startswith(f"{name}: ")
    assert sandbox.truth().connections == 0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "line 1, column 1: not JSON"),
        (b"{", "line 1, column 2: not JSON"),
        (b"[]", "must hold one JSON object"),
        (b"\xff", "must be JSON in UTF-8"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b'{"content": 3}', "content: expected"),
        (b'{"content": "x", "send_rate": 1}', "send_rate: must be between"),
        (b'{"content": "x", "auth": "t"}', "'auth' belongs to the client"),
        (b'{"content": "x", "users": ["a"]}', "without users"),
        (b'{"content": "x", "filter": "f"}', "without filter"),
        (b'{"content": "x", "transactionId": "t"}', "without transaction_id"),
        (b'{"content": "x", "data": NaN}', "data"),
    ],
)
def test_a_wrong_message_file(
    shell: Shell, sandbox: Sandbox, users: Path, tmp_path: Path, content: bytes, complaint: str
) -> None:
    """Its name is in the line, or the option's; and where in it."""
    path = tmp_path / "message.json"
    path.write_bytes(content)
    result = shell(sandbox, "send", "--users", str(users), "--message", str(path))
    assert result.code == 2
    assert result.complaint.startswith("--message")
    assert complaint in result.complaint
    assert sandbox.truth().connections == 0


@pytest.mark.filterwarnings("default:data")
@pytest.mark.row("I18")
def test_data_that_no_phone_gets(
    shell: Shell, sandbox: Sandbox, story: Story, users: Path, tmp_path: Path
) -> None:
    """The API takes it, so it is sent; and one line says who will not."""
    path = tmp_path / "message.json"
    path.write_text(json.dumps({"content": "x", "data": {"a": "x" * 5000}}))
    command = ["send", "--users", str(users), "--message", str(path), "--quiet"]
    result = shell(sandbox, *command)
    assert result.code == 0
    assert result.complaint.startswith("warning: data: takes over 4096 bytes")
    counts = sandbox.ledger.counts()
    assert (len(counts), set(counts.values())) == (2500, {1})
    lines = result.err.count("\n")
    story.saw(f"command line: {lines} line of warning, exit code {result.code}")
    story.check("G1", "G2", "G3", by="the ledger")


def test_an_option_beside_the_same_key_of_the_message_file(
    shell: Shell, sandbox: Sandbox, users: Path, tmp_path: Path
) -> None:
    """Which of them was meant, nobody can tell."""
    path = tmp_path / "message.json"
    path.write_text('{"content": "x"}')
    command = ["send", "--users", str(users), "--message", str(path), "--content", "y"]
    assert shell(sandbox, *command).complaint.startswith("--content: the file given as --message")


DAMAGED = [
    ("I5", b"a\n\nb\n", [], "id 2: an id must not be empty"),
    ("I5", b"a\nb \n", [], "id 2: an id must not begin or end with a blank"),
    ("I21", b"a\n\xff\n", [], "line 2"),
    ("I21", b"id\na,b\n", ["--column", "id"], "line 2"),
    ("I21", b"id\na\n", ["--column", "uid"], "no column 'uid'"),
    ("I21", b'id\n"a\n', ["--column", "id"], "quote"),
    ("I21", b'{"id": 3}\n', ["--field", "id"], "line 1"),
]


@pytest.mark.parametrize(
    ("content", "options", "complaint"),
    [pytest.param(*case, marks=pytest.mark.row(row)) for row, *case in DAMAGED],
)
def test_a_damaged_file(
    shell: Shell,
    sandbox: Sandbox,
    story: Story,
    tmp_path: Path,
    content: bytes,
    options: list[str],
    complaint: str,
) -> None:
    """The line is named, and nobody before it is sent to."""
    path, journal = tmp_path / "ids", tmp_path / "run.journal"
    path.write_bytes(content)
    command = ["send", "--users", str(path), "--content", "x", "--journal", str(journal)]
    result = shell(sandbox, *command, *options)
    assert result.code == 2
    assert complaint in result.complaint
    assert result.complaint.startswith("--users")
    connections = sandbox.truth().connections
    assert connections == 0
    assert not journal.exists()
    story.saw(f"command line: exit code {result.code}, {connections} connections, no journal")
    story.check("G1", "G2", "G3", by="no connection to the server")


def test_a_file_that_is_not_there(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    """Nor a folder, nor a name with an escape sequence in it, which is not obeyed."""
    for name in ("missing", ".", "\x1b[31m"):
        result = shell(sandbox, "send", "--users", str(tmp_path / name), "--content", "x")
        assert result.code == 2
        assert result.complaint.startswith("--users")
        assert "\x1b" not in result.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["sandbox", "--faults", "flood:0.1"], "--faults: cannot read the fault 'flood:0.1'"),
        (["sandbox", "--faults", "reset_after:0.6,reset_before:0.6"], "--faults: the rates"),
        (["sandbox", "--window", "-1"], "--window"),
        (["sandbox", "--latency", "-1"], "--latency"),
        (["sandbox", "--rate-limit", "0"], "--rate-limit"),
        (["sandbox", "--repeat", "never"], "--repeat: must be one of"),
        (["sandbox", "--bad-notification", "kept"], "--bad-notification: must be one of"),
        (["sandbox", "--port", "99999"], "'--port'"),
        (["sandbox", "--host", "256.0.0.1"], "--port, --host: "),
        (["demo", "--users", "0"], "'--users'"),
        (["demo", "--concurrency", "0"], "--concurrency: must be 1 to"),
        (["demo", "--faults", "delay:0.1"], "--faults: "),
        (["demo", "--window", "2"], "--window: "),
        (["demo", "--window", "301"], "--window: "),
        (["export", "j.db", "--only", "nobody"], "--only: must be one of 'accepted', 'rejected', "),
        (["dance"], "dance"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)
def test_the_other_commands(shell: Shell, arguments: list[str], complaint: str) -> None:
    """The same rule."""
    result = shell(None, *arguments)
    assert result.code == 2
    assert complaint in result.complaint
    assert result.out == ""
