"""``resume`` needs the journal and a token; what was settled is sent again only where that is asked for."""

import shutil
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Half, Shell, Start
from .shell import TOKEN


class TestAgain:
    """What was settled is sent again only where that is asked for."""

    def test_the_rejected(
        self, start_sandbox: Start, shell: Shell, users: Path, journal: Path
    ) -> None:
        """``--retry-rejected``; with ``--on-rejected bisect`` only the bad id stays out."""
        sandbox = start_sandbox(rejected_ids=["user-7"])
        command = ["--users", str(users), "--content", "x", "--journal", str(journal), "--json"]
        result = shell(sandbox, "send", *command)
        assert (result.code, result.document["rejected"]) == (3, 1000)
        assert shell(sandbox, "send", *command).code == 3
        assert sandbox.truth().requests == 3
        again = shell(
            sandbox, "resume", str(journal), "--retry-rejected", "--on-rejected", "bisect", "--json"
        )
        assert again.code == 3
        assert (again.document["accepted"], again.document["rejected"]) == (2499, 1)
        assert sandbox.truth().duplicates == 0

    def test_a_budget_for_taking_apart(
        self, start_sandbox: Start, shell: Shell, users: Path, journal: Path
    ) -> None:
        """It is the run's."""
        sandbox = start_sandbox(rejected_ids=["user-7"])
        command = ["--users", str(users), "--content", "x", "--journal", str(journal), "--json"]
        bisect = ["--on-rejected", "bisect", "--bisect-requests", "2"]
        result = shell(sandbox, "send", *command, *bisect)
        assert (result.document["rejected"], sandbox.truth().requests) == (500, 5)

    @pytest.mark.parametrize("which", ["all", "its id"])
    def test_those_in_doubt(
        self, start_sandbox: Start, shell: Shell, users: Path, journal: Path, which: str
    ) -> None:
        """Who had got it gets a duplicate: that is what was asked for."""
        sandbox = start_sandbox(repeat="210")
        sandbox.script(["reset_after"])
        command = ["send", "--users", str(users), "--content", "x", "--concurrency", "1"]
        first = shell(sandbox, *command, "--journal", str(journal), "--json")
        assert first.code == 4
        assert shell(sandbox, *command, "--journal", str(journal), "--json").code == 4
        assert sandbox.truth().duplicates == 0
        (chunk,) = first.document["in_doubt_chunks"]
        named = chunk["transaction_id"] if which == "its id" else "all"
        other = ["--resend-in-doubt", "00000000-0000-0000-0000-000000000000"]
        assert shell(sandbox, "resume", str(journal), *other).code == 2
        again = shell(sandbox, "resume", str(journal), "--resend-in-doubt", named, "--json")
        assert (again.code, again.document["accepted"]) == (0, 2500)
        assert sandbox.truth().duplicates == 1000

    def test_all_and_some(self, shell: Shell, sandbox: Sandbox, line: list[str]) -> None:
        """One or the other."""
        both = ["--resend-in-doubt", "all", "--resend-in-doubt", "x"]
        result = shell(sandbox, *line, *both)
        assert (result.code, result.complaint.partition(":")[0]) == (2, "--resend-in-doubt")


class TestResume:
    """``resume`` takes from the journal what the line said."""

    def test_how_the_file_is_read(
        self, shell: Shell, sandbox: Sandbox, tmp_path: Path, journal: Path
    ) -> None:
        """Its column too; of a file that is typed instead, the options say it again."""
        path = tmp_path / "people.csv"
        path.write_text("".join(["name,id\n", *(f"n{n},device-{n}\n" for n in range(40))]))
        command = ["--content", "x", "--chunk-size", "10", "--concurrency", "1", "--deadline"]
        source = ["--devices", str(path), "--column", "id"]
        first = shell(sandbox, "send", *source, *command, "1e-6", "--journal", str(journal))
        assert first.code == 5
        moved = shutil.copy(path, tmp_path / "moved.csv")
        no_column = shell(sandbox, "resume", str(journal), "--devices", str(moved))
        assert (no_column.code, "column" in no_column.complaint) == (2, True)
        wrong = shell(sandbox, "resume", str(journal), "--users", str(moved), "--column", "id")
        assert (wrong.code, wrong.complaint) == (2, "--users: the journal is of devices")
        lost = shell(sandbox, "resume", str(journal), "--column", "id")
        assert (lost.code, lost.complaint) == (2, "--column: give it with --users or --devices")
        result = shell(sandbox, "resume", str(journal), "--json")
        assert (result.code, result.document["accepted"]) == (0, 40)

    def test_every_option_that_makes_the_run_what_it_is(
        self, shell: Shell, sandbox: Sandbox, users: Path, journal: Path
    ) -> None:
        """None of them is typed again."""
        users.write_text("".join(f"user-{n % 90}\n" for n in range(100)) + "\n")
        command = ["send", "--users", str(users), "--content", "x", "--journal", str(journal)]
        options = ["--store-ids", "--no-dedupe", "--invalid", "drop", "--chunk-size", "20"]
        options += ["--send-id", "spring", "--concurrency", "1", "--deadline", "1e-6"]
        assert shell(sandbox, *command, *options).code == 5
        report = shell(sandbox, "resume", str(journal), "--json").document
        assert (report["accepted"], report["invalid"], report["duplicates"]) == (100, 1, 0)
        assert sandbox.truth().requests == 5

    def test_a_file_that_is_gone(
        self,
        shell: Shell,
        sandbox: Sandbox,
        half: Half,
        users: Path,
        journal: Path,
    ) -> None:
        """The option that would name another is said."""
        half()
        users.unlink()
        result = shell(sandbox, "resume", str(journal))
        assert (result.code, result.complaint.partition(" ")[0]) == (2, "--users")

    def test_the_message_as_it_was(
        self, shell: Shell, start_sandbox: Start, users: Path, tmp_path: Path, journal: Path
    ) -> None:
        """Keys that this library does not know included."""
        sandbox = start_sandbox(keep_notifications=True)
        message = tmp_path / "message.json"
        message.write_text('{"new_key": [1], "content": {"en": "Hi"}, "ios_badges": 3}')
        command = ["send", "--users", str(users), "--message", str(message), "--concurrency", "1"]
        slowly = ["--rate", "1/min", "--deadline", "0.5"]
        assert shell(sandbox, *command, "--journal", str(journal), *slowly).code == 5
        assert sandbox.truth().requests == 1
        message.unlink()
        assert shell(sandbox, "resume", str(journal)).code == 0
        bodies = [dict(each) for each in sandbox.ledger.notifications]
        assert len(bodies) == 3
        for body in bodies:
            del body["users"], body["transactionId"]
        assert bodies[0] == bodies[1] == bodies[2]
        assert list(bodies[0]) == list(bodies[2])
        assert bodies[2]["new_key"] == [1]

    def test_no_token(self, shell: Shell, half: Half, journal: Path) -> None:
        """It is all that the journal does not hold."""
        half()
        assert TOKEN.encode() not in journal.read_bytes()
        result = shell(None, "resume", str(journal))
        assert (result.code, result.complaint.partition(":")[0]) == (2, "--token-file")

    def test_no_journal(self, shell: Shell, sandbox: Sandbox, journal: Path) -> None:
        """It begins nothing."""
        result = shell(sandbox, "resume", str(journal), "--json")
        assert (result.code, result.document["exit_code"]) == (8, 8)
        assert not journal.exists()
