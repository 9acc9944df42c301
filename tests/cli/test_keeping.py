"""``salvage`` saves what is left of a damaged journal; ``purge`` ends one."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import PATIENCE, environment


@pytest.fixture
def journal(shell: Shell, sandbox: Sandbox, users: Path, tmp_path: Path) -> Path:
    """Of a finished send to 2500 users in 250 chunks."""
    path = tmp_path / "campaign.db"
    command = ["send", "--users", str(users), "--content", "x", "--journal", str(path)]
    assert shell(sandbox, *command, "--chunk-size", "10", "--no-rate-limit").code == 0
    return path


class TestSalvage:
    """``salvage``."""

    @pytest.mark.parametrize("refused", ["user-2300", "nobody"])
    def test_a_damaged_journal(
        self, shell: Shell, start_sandbox: Start, users: Path, tmp_path: Path, refused: str
    ) -> None:
        """What is left is saved, and nobody it has lost is sent to again; of a finished send as well."""
        sandbox = start_sandbox(rejected_ids=[refused])
        journal, into = tmp_path / "campaign.db", tmp_path / "saved.db"
        line = ["send", "--users", str(users), "--content", "x", "--journal", str(journal)]
        line += ["--chunk-size", "10", "--no-rate-limit", "--on-rejected", "stop"]
        assert shell(sandbox, *line).code == (0 if refused == "nobody" else 5)
        content = bytearray(journal.read_bytes())
        half = len(content) // 2 // 4096 * 4096
        content[half : half + 4096] = bytes(4096)
        journal.write_bytes(content)
        assert shell(sandbox, "resume", str(journal)).code == 8
        result = shell(None, "salvage", str(journal), "--into", str(into))
        assert (result.code, result.err) == (0, "")
        assert "saved" in result.out
        assert result.out.endswith(
            f"the same line with --journal {into}, or pushwoosh-async resume {into}\n"
        )
        again = shell(sandbox, "resume", str(into), "--no-rate-limit", "--json")
        report = again.document
        assert again.code == 4
        assert report["accepted"] + report["rejected"] + report["in_doubt"] == 2500
        assert report["in_doubt"] > 0
        assert sandbox.truth().duplicates == 0
        assert shell(None, "salvage", str(journal), "--into", str(into)).code == 2

    def test_a_sound_one(self, shell: Shell, journal: Path, tmp_path: Path) -> None:
        """Nothing is lost."""
        into = tmp_path / "saved.db"
        found = shell(None, "salvage", str(journal), "--into", str(into), "--json").document
        assert (found["kept"], found["lost"], found["bounded"]) == (250, 0, True)
        assert shell(None, "report", str(into), "--json").document["accepted"] == 2500

    def test_into_itself(self, shell: Shell, journal: Path) -> None:
        """By whatever name: the damaged one stays as it is."""
        before = journal.read_bytes()
        same = f"{journal.parent}/../{journal.parent.name}/{journal.name}"
        result = shell(None, "salvage", str(journal), "--into", same)
        assert (result.code, result.complaint) == (
            2,
            "--into: must be another file than JOURNAL, which stays as it is",
        )
        assert journal.read_bytes() == before
        there = shell(None, "salvage", str(journal), "--into", __file__)
        assert (there.code, "there is such a file" in there.complaint) == (2, True)


def asked(journal: Path, answer: bytes) -> tuple[int, str]:
    """Type an answer to ``purge`` on a terminal; return its exit code, and what it said there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "pushwoosh_async", "purge", str(journal)],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment({}),
    )
    os.close(theirs)
    os.write(ours, answer)
    said = process.communicate(timeout=PATIENCE)[1]
    os.close(ours)
    return process.returncode, said


class TestPurge:
    """``purge``."""

    def test_it_asks(self, journal: Path) -> None:
        """On a terminal."""
        code, said = asked(journal, b"n\n")
        assert code == 130
        assert f"Delete {journal}: a send of XXXXX-XXXXX to 2,500 recipients, begun 20" in said
        assert journal.exists()
        assert asked(journal, b"y\n")[0] == 0
        assert not [*journal.parent.glob("campaign.db*")]

    def test_nobody_can_be_asked(self, shell: Shell, journal: Path) -> None:
        """Then ``--yes`` is needed."""
        result = shell(None, "purge", str(journal))
        assert (result.code, result.complaint.partition(":")[0]) == (2, "--yes")
        assert journal.exists()
        done = shell(None, "purge", str(journal), "--yes")
        assert done.code == 0
        assert done.out.startswith(
            f"Deleted, with the files beside it: {journal}: a send of XXXXX-"
        )
        assert not [*journal.parent.glob("campaign.db*")]
