"""``send --dry-run`` shows a plan and sends nothing; ``--plan`` sends that and nothing else."""

import json
import os
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Half, Shell
from .shell import APPLICATION, finish, settings, start

ANOTHER = "0" * 32


class TestDryRun:
    """``--dry-run`` checks all and sends nothing."""

    def test_it_shows_what_would_be_sent(
        self, shell: Shell, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        """The notification, the counts, the requests, the time they need, and the plan's name."""
        path = tmp_path / "users.txt"
        path.write_text("".join(f"u{n % 100_000}\n" for n in range(101_000)) + "\n")
        command = ["send", "--users", str(path), "--content", "Hé \x1b[1m", "--dry-run"]
        result = shell(sandbox, *command, "--invalid", "drop")
        assert (result.code, result.err) == (0, "")
        assert '"content": "Hé \\u001b[1m"' in result.out
        assert ["time", "at", "the", "rate", "limit,", "at", "least", "10", "s"] in [
            line.split() for line in result.out.splitlines()
        ]
        found = shell(sandbox, *command, "--invalid", "drop", "--json").document
        assert found.pop("notification") == {"send_date": "now", "content": "Hé \x1b[1m"}
        assert (found.pop("dry_run"), found.pop("kind")) == (True, "users")
        assert (found.pop("application"), found.pop("base_url")) == (APPLICATION, sandbox.url)
        assert ["address", sandbox.url] in [line.split() for line in result.out.splitlines()]
        assert ["application", APPLICATION] in [line.split() for line in result.out.splitlines()]
        assert f"Plan {found.pop('hash')}. " in result.out
        assert found.pop("seconds") == pytest.approx(100 * 60 / 591)
        assert found.pop("bytes") > 700_000
        assert found == {
            "recipients": 100_000,
            "duplicates": 1000,
            "invalid": 1,
            "notifications": 100,
            "requests": 100,
        }
        assert sandbox.truth().connections == 0

    def test_the_requests_of_a_packed_send(
        self, shell: Shell, sandbox: Sandbox, users: Path
    ) -> None:
        """The first notification goes alone, and so it is when they are sent."""
        command = ["send", "--users", str(users), "--content", "x", "--chunk-size", "100", "--json"]
        command += ["--notifications-per-request", "8"]
        plan = shell(sandbox, *command, "--dry-run").document
        assert (plan["notifications"], plan["requests"]) == (25, 5)
        assert shell(sandbox, *command).document["requests"] == 5

    def test_it_needs_no_token(self, shell: Shell, sandbox: Sandbox, users: Path) -> None:
        """Whoever may not send may plan, and it is the same plan."""
        command = ["send", "--users", str(users), "--content", "x", "--dry-run", "--json"]
        known = settings(sandbox)
        known = {name: known[name] for name in ("PUSHWOOSH_APPLICATION", "PUSHWOOSH_BASE_URL")}
        without = shell(None, *command, env=known)
        assert (without.code, without.document) == (0, shell(sandbox, *command).document)
        assert shell(None, *command[:5], env=known).complaint.startswith("--token-file: ")

    def test_no_limit_needs_no_time(self, shell: Shell, sandbox: Sandbox, users: Path) -> None:
        """None is shown; for machines it is 0."""
        command = ["send", "--users", str(users), "--content", "x", "--dry-run", "--no-rate-limit"]
        assert "time at" not in shell(sandbox, *command).out
        assert shell(sandbox, *command, "--json").document["seconds"] == 0.0

    def test_it_finds_what_a_send_would_trip_over(
        self, shell: Shell, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        """At the end of a file, too."""
        path = tmp_path / "users.txt"
        path.write_text("u\n" * 30_000 + "\n")
        result = shell(sandbox, "send", "--users", str(path), "--content", "x", "--dry-run")
        assert result.code == 2
        assert result.complaint == "--users: id 30,001: an id must not be empty"

    def test_it_reads_standard_input(self, sandbox: Sandbox) -> None:
        """Once is enough here."""
        command = ["send", "--users", "-", "--content", "x", "--dry-run", "--json"]
        result = finish(start(*command, env=settings(sandbox)), stdin="a\nb\n")
        assert json.loads(result.out)["recipients"] == 2
        assert sandbox.truth().connections == 0


@pytest.fixture
def whole(users: Path) -> list[str]:
    """A send of 2500 users."""
    return ["send", "--users", str(users), "--content", "x", "--json"]


class TestPlan:
    """``--plan HASH``."""

    def test_what_was_planned_is_sent(
        self, shell: Shell, sandbox: Sandbox, whole: list[str]
    ) -> None:
        """In other packs, too: that is no other send."""
        plan = shell(sandbox, *whole, "--dry-run").document["hash"]
        packed = ["--notifications-per-request", "max"]
        assert shell(sandbox, *whole, "--plan", plan, *packed).document["accepted"] == 2500

    @pytest.mark.parametrize(
        "change", [["--chunk-size", "100"], ["--title", "T"], ["--application", "AAAAA-BBBBB"]]
    )
    def test_nothing_else_is_sent(
        self, shell: Shell, sandbox: Sandbox, whole: list[str], change: list[str]
    ) -> None:
        """Exit code 2, before anything leaves."""
        plan = shell(sandbox, *whole, "--dry-run").document["hash"]
        result = shell(sandbox, *whole, *change, "--plan", plan)
        assert (result.code, result.document["exit_code"]) == (2, 2)
        assert result.complaint.startswith("--plan: this send is ")
        assert plan in result.complaint
        assert sandbox.truth().connections == 0

    def test_nobody_else_is_sent_to(
        self, shell: Shell, sandbox: Sandbox, whole: list[str], users: Path
    ) -> None:
        """One more id is another send."""
        plan = shell(sandbox, *whole, "--dry-run").document["hash"]
        users.write_text(users.read_text() + "one more\n")
        assert shell(sandbox, *whole, "--plan", plan).code == 2
        assert sandbox.truth().connections == 0

    def test_what_can_be_read_once_is_refused(
        self, shell: Shell, sandbox: Sandbox, whole: list[str], tmp_path: Path
    ) -> None:
        """By name, and without waiting for its writer."""
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        for path, named in (("-", "standard input"), (str(fifo), str(fifo))):
            whole[2] = path
            result = shell(sandbox, *whole, "--plan", ANOTHER)
            assert result.code == 2
            assert result.complaint.startswith("--plan: needs a file that can be read twice; ")
            assert named in result.complaint
        assert sandbox.truth().connections == 0

    def test_a_dry_run_beside_it(self, shell: Shell, sandbox: Sandbox, whole: list[str]) -> None:
        """It sends nothing at all."""
        for option in (
            ["--journal", "run.db"],
            ["--retry-rejected"],
            ["--resend-in-doubt", "all"],
            ["--resend-in-doubt", "an id"],
            ["--plan", ""],
        ):
            result = shell(sandbox, *whole, "--dry-run", *option)
            assert result.code == 2
            assert result.complaint == f"{option[0]}: give it or --dry-run, not both"
        assert not Path("run.db").exists()
        result = shell(sandbox, *whole, "--dry-run", "--plan", ANOTHER)
        assert (result.code, result.complaint) == (2, "--plan: give it or --dry-run, not both")


def test_a_send_goes_on_under_its_plan(
    shell: Shell, sandbox: Sandbox, users: Path, journal: Path, half: Half
) -> None:
    """With a journal the same line is the same plan."""
    send = ["send", "--users", str(users), "--content", "x", "--chunk-size", "10", "--json"]
    plan = shell(sandbox, *send, "--dry-run").document["hash"]
    half("--plan", plan)
    again = [*send, "--journal", str(journal), "--no-rate-limit"]
    assert shell(sandbox, *again, "--plan", ANOTHER).code == 2
    assert shell(sandbox, *again, "--plan", plan).document["accepted"] == 2500
    assert sandbox.truth().duplicates == 0
