"""``get-push-history``: rows as they come, for people on a terminal, for pipes, for machines."""

import json
import os
import pty
import subprocess
import sys

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import Recorder, create, environment, settings


def ids(out: str) -> list[int]:
    return [int(line.split("\t")[0]) for line in out.splitlines()]


def pages(sandbox: Sandbox) -> int:
    return sandbox.truth().by_method["getPushHistory"]


def test_the_newest_twenty(shell: Shell, sandbox: Sandbox) -> None:
    """In one request that asks for no more."""
    create(sandbox, *[{"content": f"m{n}"} for n in range(25)])
    result = shell(sandbox, "get-push-history")
    assert (result.code, result.err) == (0, "")
    found = ids(result.out)
    assert len(found) == 20
    assert found == sorted(found, reverse=True)
    assert result.out.startswith(f"{max(found)}\t")
    assert "\tm24\n" in result.out
    assert pages(sandbox) == 1


@pytest.mark.parametrize(("limit", "rows"), [("1", 1), ("13", 13), ("99", 25)])
def test_a_limit(shell: Shell, sandbox: Sandbox, limit: str, rows: int) -> None:
    """Rows at most, below the smallest page of the API too."""
    create(sandbox, *[{"content": "x"}] * 25)
    assert len(ids(shell(sandbox, "get-push-history", "--limit", limit).out)) == rows


def test_every_row(shell: Shell, sandbox: Sandbox) -> None:
    """Page by page, each once, to the end."""
    create(sandbox, *[{"content": "x"}] * 1000)
    create(sandbox, *[{"content": "x"}] * 100)
    found = ids(shell(sandbox, "get-push-history", "--all").out)
    assert len(set(found)) == len(found) == 1100
    assert pages(sandbox) > 1


def test_for_machines(shell: Shell, sandbox: Sandbox) -> None:
    """An object on a line for each row: typed fields, and not what came as it came."""
    create(sandbox, {"content": {"en": "a"}}, {"content": "b\x1b"})
    result = shell(sandbox, "get-push-history", "--json")
    second, first = map(json.loads, result.out.splitlines())
    assert first["content"] == {"en": "a"}
    assert "\x1b" in next(iter(second["content"].values()))
    assert "\x1b" not in result.out
    assert "raw" not in first
    assert first["create_date"][10] == "T"
    assert isinstance(first["sent"], dict)


def test_a_search(shell: Shell, sandbox: Sandbox) -> None:
    """By a code, or by where the messages came from."""
    codes = create(sandbox, {"content": "a"}, {"content": "b"})
    by = ["--search-by", "notificationCode", "--value", codes[0]]
    assert codes[0] in shell(sandbox, "get-push-history", *by).out
    assert codes[1] not in shell(sandbox, "get-push-history", *by).out
    assert shell(sandbox, "get-push-history", "--source", "RSS").out == ""
    assert len(ids(shell(sandbox, "get-push-history", "--source", "API").out)) == 2


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--search-by", "campaignCode"], "--search-by: give it and --value together"),
        (["--value", "x"], "--search-by: give it and --value together"),
        (["--search-by", "", "--value", "x"], "--search-by: must not be empty"),
        (["--source", " "], "--source: must not be empty"),
        (["--all", "--limit", "3"], "--all: give it or --limit, not both"),
        (["--limit", "0"], "'--limit'"),
    ],
)
def test_bad_input(shell: Shell, sandbox: Sandbox, options: list[str], complaint: str) -> None:
    """The option and the rule are named, and no request leaves."""
    result = shell(sandbox, "get-push-history", *options)
    assert result.code == 2
    assert complaint in result.complaint
    assert sandbox.truth().connections == 0


def test_its_json_is_one_object_a_line(shell: Shell) -> None:
    """Its help says so."""
    assert "--json-lines" in shell(None, "get-push-history", "--help").out


def test_a_page_that_is_refused(shell: Shell, start_sandbox: Start) -> None:
    """What came before it is shown; the last line of the document says why it ends."""
    sandbox = start_sandbox()
    create(sandbox, *[{"content": "x"}] * 1000)
    # Every further attempt is as unreadable as the first, so that the call gives up.
    sandbox.script([None, *["html_before"] * 4])
    result = shell(sandbox, "get-push-history", "--all", "--json")
    assert result.code == 4
    *rows, failure = map(json.loads, result.out.splitlines())
    assert len(rows) == 1000
    assert failure["exit_code"] == 4
    assert "getPushHistory" in failure["error"]
    assert "sent" not in failure["error"].rpartition(";")[2]


def test_a_table_on_a_terminal(start_sandbox: Start) -> None:
    """With a heading; brackets and escape sequences are text."""
    sandbox = start_sandbox()
    content = "[red]x[/red] :smile: \x1b[31m"
    create(sandbox, {"content": "too old"}, {"content": content}, {"content": "plain"})
    command = ["get-push-history", "--limit", "2"]
    ours, theirs = pty.openpty()
    env = environment({**settings(sandbox), "TERM": "xterm", "COLUMNS": "160"})
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", *command], stdout=theirs, env=env
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # Linux says so when the other end has closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    lines = shown.decode().splitlines()
    assert "sent at" in lines[0]
    assert "content" in lines[0]
    assert any(line.rstrip().endswith(r"[red]x[/red] :smile: \x1b[31m") for line in lines)
    assert len(lines) == 3
    assert b"\x1b[31m" not in shown


@pytest.mark.parametrize(
    ("options", "size"),
    [([], 20), (["--limit", "3"], 10), (["--limit", "2000"], 1000), (["--all"], 1000)],
)
def test_no_more_is_asked_for_than_will_be_shown(
    shell: Shell, recorder: Recorder, options: list[str], size: int
) -> None:
    """As far as the API allows."""
    shell(None, "get-push-history", *options, env=recorder.settings)
    (asked,) = recorder.requests
    assert asked["limitMessages"] == size
