"""The command line where the locale knows ASCII alone: C, as in cron jobs and small containers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adversity.story import Story
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import client_environment, run_in_thread

from .programs import STRICT, Ended, run

TEXT = "Grüße ✓ 🎉"
IDS = ["u1", "ü2", "用户3"]
# Python turns C into C.UTF-8 by itself, unless it is told not to.
COERCED = {"LANG": "C", "LC_ALL": "", "PYTHONUTF8": "0"}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Run a sandbox that keeps what it accepts."""
    with run_in_thread(Sandbox(keep_notifications=True)) as running:
        yield running


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """Write the ids to a file, in UTF-8."""
    path = tmp_path / "users.txt"
    path.write_text("\n".join(IDS), "utf-8")
    return path


def cli(sandbox: Sandbox, locale: dict[str, str], *words: str) -> Ended:
    """Run a command; a file opened in the locale's encoding would be an error."""
    environment = {**client_environment(sandbox), **locale}
    switches = (*STRICT, "-X", "warn_default_encoding")
    return run("pushwoosh_async", *words, switches=switches, environment=environment)


def sent(sandbox: Sandbox) -> list[tuple[object, object]]:
    """Return what was sent to whom."""
    return [(each["content"], each["users"]) for each in sandbox.ledger.notifications]


@pytest.mark.slow
@pytest.mark.row("C14")
def test_texts_from_files(sandbox: Sandbox, tmp_path: Path, users: Path, story: Story) -> None:
    """Input, journal, report and export do not ask the locale how a file is read."""
    message, journal, page = (tmp_path / name for name in ("message.json", "journal", "page.html"))
    message.write_text(json.dumps({"content": TEXT}, ensure_ascii=False), "utf-8")
    commands = (
        ("send", "--users", str(users), "--message", str(message), "--journal", str(journal)),
        ("status", str(journal)),
        ("report", str(journal), "--html", str(page)),
        ("export", str(journal), "--users", str(users)),
    )
    ended = [cli(sandbox, ASCII, *words) for words in commands]

    assert [each.code for each in ended] == [0] * len(commands), ended
    assert sent(sandbox) == [(TEXT, IDS)]
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    told = [json.loads(line) for line in ended[-1].out.splitlines()]
    assert [each["id"] for each in told] == IDS, told
    story.saw(f"{len(commands)} commands with texts from files: sent and told as they are")


@pytest.mark.row("C14")
def test_an_argument(sandbox: Sandbox, users: Path, story: Story) -> None:
    """Where Python cannot read it, nothing is sent; in the C locale as most meet it, it can."""
    words = ("send", "--users", str(users), "--content", TEXT)
    refused = cli(sandbox, ASCII, *words)
    assert refused.code == 2
    assert "--content" in refused.err
    assert "Traceback" not in refused.err
    assert sent(sandbox) == []

    taken = cli(sandbox, COERCED, *words)
    assert (taken.code, sent(sandbox)) == (0, [(TEXT, IDS)]), taken.err
    story.saw(f"an argument beyond ASCII: exit code {refused.code} in plain C, sent as C.UTF-8")
