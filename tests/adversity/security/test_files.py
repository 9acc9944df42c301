"""The files of a run are its owner's alone, and no link that lies in their place is followed."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from canary import CONTENT, PLAIN, TOKEN, USER

from adversity.story import Story
from pushwoosh_async import JournalError, PushwooshError, read_journal, read_status
from pushwoosh_async.cli.app import run

from .hostile_api import comply, serving

SECRET = "a file that has nothing to do with it\n"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An API that does what it is asked, and an environment for commands."""
    monkeypatch.setenv("PUSHWOOSH_API_TOKEN", TOKEN)
    monkeypatch.setenv("PUSHWOOSH_APPLICATION", "XXXXX-XXXXX")
    with serving(comply) as url:
        yield url


@pytest.fixture
def nobodys_umask() -> Iterator[None]:
    """Take no bit off the modes of new files."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def send(api: str, tmp_path: Path) -> Callable[..., int]:
    """Type a send with a journal in a folder of its own."""
    (tmp_path / "run").mkdir()
    (tmp_path / "users.txt").write_text(f"{USER}\n")
    journal, users = str(tmp_path / "run" / "run.db"), str(tmp_path / "users.txt")
    line = ["send", "--users", users, "--content", CONTENT, "--journal", journal, "--quiet"]
    return lambda *more: run([*line, "--base-url", api, *more])


@pytest.mark.row("R12")
@pytest.mark.usefixtures("nobodys_umask")
def test_every_file_that_a_command_makes(
    tmp_path: Path, send: Callable[..., int], story: Story
) -> None:
    """Journal, status, page, list and what was salvaged, where the umask forbids nothing."""
    folder = tmp_path / "run"
    journal = str(folder / "run.db")
    assert send() == 0
    assert run(["report", journal, "--html", str(folder / "page.html")]) == 0
    users = ["--users", str(tmp_path / "users.txt")]
    assert run(["export", journal, *users, "--output", str(folder / "list.jsonl")]) == 0
    assert run(["salvage", journal, "--into", str(folder / "saved.db")]) == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {"run.db", "run.db.status", "page.html", "list.jsonl", "saved.db"} <= set(modes)
    assert set(modes.values()) == {0o600}
    story.saw(f"all that commands write, umask 0: {max(modes.values()):04o}")


def symbolic(link: Path, target: Path) -> None:
    """Make a symbolic link."""
    link.symlink_to(target)


def hard(link: Path, target: Path) -> None:
    """Make a second name."""
    link.hardlink_to(target)


each_link = pytest.mark.parametrize("make", [symbolic, hard])


@pytest.mark.row("R13")
@each_link
@pytest.mark.parametrize("name", ["run.db", "run.db-journal", "run.db.lock"])
def test_a_link_in_the_place_of_a_journals_file(
    tmp_path: Path,
    send: Callable[..., int],
    make: Callable[[Path, Path], None],
    name: str,
    story: Story,
) -> None:
    """Neither read, nor cut to nothing, nor written into; nothing is sent."""
    strange = tmp_path / "strange"
    strange.write_text(SECRET)
    strange.chmod(0o600)
    make(tmp_path / "run" / name, strange)
    code = send()
    assert code == 8
    assert strange.read_text() == SECRET
    story.saw(f"{make.__name__} link for a journal's file: exit code {code}, its target as it was")


@pytest.mark.row("R13")
@each_link
def test_a_journal_with_a_second_name(
    tmp_path: Path, send: Callable[..., int], make: Callable[[Path, Path], None], story: Story
) -> None:
    """SQLite undoes a crash by a file beside one of the names only: by neither it is gone on with."""
    journal, other = tmp_path / "run" / "run.db", tmp_path / "run" / "other.db"
    assert send() == 0
    make(other, journal)
    with pytest.raises(
        JournalError, match=r"is a symbolic link|has 2 names \(hard links\)"
    ) as caught:
        read_journal(other)
    assert (send() == 8) == (make is hard)
    other.unlink()
    assert send() == 0
    story.saw(f"{make.__name__} link to a journal: {type(caught.value).__name__}")


@pytest.mark.row("R13")
@each_link
@pytest.mark.parametrize("force", [False, True])
def test_a_link_in_the_place_of_what_is_written(
    tmp_path: Path,
    send: Callable[..., int],
    make: Callable[[Path, Path], None],
    force: bool,
    story: Story,
) -> None:
    """Refused; with --force the name is another file's afterwards, and the target as it was."""
    strange, page = tmp_path / "strange", tmp_path / "page.html"
    strange.write_text(SECRET)
    make(page, strange)
    assert send() == 0
    more = ["--force"] if force else []
    code = run(["report", str(tmp_path / "run" / "run.db"), "--html", str(page), *more])
    assert code == (0 if force else 2)
    assert strange.read_text() == SECRET
    assert ("<html" in page.read_text()) == force
    story.saw(f"for a report's file: exit code {code}{', forced' * force}, its target as it was")


def put_there(kind: str, status: Path) -> None:
    """Put something into the place of a status file."""
    if kind == "fifo":
        os.mkfifo(status, 0o600)
    elif kind == "symlink":
        status.symlink_to(status.parent.parent / "users.txt")
    elif kind == "folder":
        status.mkdir()
    else:
        text = {"nested": "[" * 200_000, "endless number": '{"process": 1e999, "highest": 1e999}'}
        status.write_text(text[kind])


@pytest.mark.row("R13")
@pytest.mark.parametrize("kind", ["fifo", "symlink", "folder", "nested", "endless number"])
def test_what_lies_in_the_place_of_the_status(
    tmp_path: Path, send: Callable[..., int], kind: str, story: Story
) -> None:
    """Nobody waits for a writer, follows a link or stumbles: there is no status, and the run goes on."""
    assert send() == 0
    status = tmp_path / "run" / "run.db.status"
    status.unlink()
    put_there(kind, status)
    found = read_status(tmp_path / "run" / "run.db")
    assert found.finished
    code = send()
    assert code == 0
    story.saw(f"something else for the status: exit code {code}")


@pytest.mark.row("R13")
def test_a_token_file_that_is_a_link(
    tmp_path: Path, send: Callable[..., int], capsys: pytest.CaptureFixture[str], story: Story
) -> None:
    """It may lead to a file that others can read or change."""
    target, link = tmp_path / "token", tmp_path / "link"
    target.write_text(PLAIN)
    target.chmod(0o600)
    link.symlink_to(target)
    code = send("--token-file", str(link))
    assert code == 2
    assert PLAIN not in "".join(capsys.readouterr())
    story.saw(f"for a token's file: exit code {code}")


@pytest.mark.row("R13")
def test_a_journal_of_another_user(
    tmp_path: Path, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch, story: Story
) -> None:
    """Who owns it can write into it what was never sent."""
    assert send() == 0
    journal, user = tmp_path / "run" / "run.db", os.geteuid()
    if user == 0:
        os.chown(journal, 12345, -1)
    else:
        story.lacks("root", instead="the process takes itself for another user")
        monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with pytest.raises(PushwooshError, match="belongs to user") as caught:
        read_journal(journal)
    code = send()
    assert code == 8
    story.saw(f"another user's journal: {type(caught.value).__name__}, exit code {code}")
