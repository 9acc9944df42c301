"""``send --journal``: interrupted anywhere, the same line goes on, and nobody is sent to twice."""

import re
import signal
from pathlib import Path

import pytest

from pushwoosh_async.sandbox import Sandbox

from .conftest import Half, Shell, Start
from .shell import SETTINGS, TOKEN, counted, finish, settings, start, until
from .test_display import on_a_terminal


@pytest.mark.slow
class TestSameLine:
    """The same line again."""

    def test_it_sends_nothing_where_all_is_done(
        self, shell: Shell, sandbox: Sandbox, line: list[str]
    ) -> None:
        """The report is that of the run."""
        first = shell(sandbox, *line)
        requests = sandbox.truth().requests
        second = shell(sandbox, *line)
        assert (first.code, second.code) == (0, 0)
        assert requests == sandbox.truth().requests == 250
        assert first.document["accepted"] == second.document["accepted"] == 2500
        assert second.document["requests"] == 250

    @pytest.mark.parametrize("again", ["send", "resume"])
    def test_it_goes_on_after_a_kill(
        self, slow: str, line: list[str], journal: Path, again: str
    ) -> None:
        """So does ``resume``; every count comes out, and nobody got it twice or not at all."""
        env = {**SETTINGS, "PUSHWOOSH_BASE_URL": slow}
        process = start(*line, env=env)
        until(lambda: counted(slow, "accepted") >= 40)
        process.send_signal(signal.SIGKILL)
        assert finish(process).code == -signal.SIGKILL
        reached = counted(slow, "recipients")
        assert 0 < reached < 2500
        # All that a resume needs beside the journal is the token.
        only_the_token = {"PUSHWOOSH_API_TOKEN": TOKEN}
        resume = ["resume", str(journal), "--json", "--no-rate-limit", "--concurrency", "16"]
        command, env = (line, env) if again == "send" else (resume, only_the_token)
        result = finish(start(*command, "--quiet", env=env))
        report = result.document
        assert (result.code, result.err) == (0, "")
        assert (report["accepted"], report["total"]) == (2500, 2500)
        assert counted(slow, "recipients") == counted(slow, "deliveries") == 2500
        # What was under way when it was killed is asked about once more; nothing else is.
        assert 250 <= counted(slow, "requests") <= report["requests"] <= 252

    def test_a_file_that_was_gone_through_is_not_gone_through_again(
        self, sandbox: Sandbox, line: list[str], half: Half
    ) -> None:
        """The journal knows its digest, and how many ids are in it, so that the bar still knows the end."""
        half()
        code, shown = on_a_terminal(line, settings(sandbox))
        assert code == 0
        assert "checking" not in shown
        assert "2,500 of 2,500 sent" in shown
        assert re.search(r"[0-9]+ of them before", shown)

    def test_a_journal_in_which_nothing_has_begun(
        self, shell: Shell, sandbox: Sandbox, line: list[str], journal: Path
    ) -> None:
        """A crash before the first step leaves an empty file: the run begins in it."""
        journal.touch(0o600)
        assert shell(sandbox, *line).document["accepted"] == 2500

    def test_a_pipe_is_given_again(self, sandbox: Sandbox, line: list[str], journal: Path) -> None:
        """Standard input has no digest; its ids are compared all the same, before anything is sent."""
        line[2] = "-"
        ids = "".join(f"user-{n}\n" for n in range(300))
        slowly = [part for part in line if part != "--no-rate-limit"]
        ended = finish(start(*slowly, "--deadline", "0.3", env=settings(sandbox)), ids)
        assert ended.code == 5
        other = finish(start(*line, env=settings(sandbox)), ids.replace("user-0", "user-00", 1))
        assert other.code == 7
        env = {"PUSHWOOSH_API_TOKEN": TOKEN}
        bare = finish(start("resume", str(journal), env=env), ids)
        assert (bare.code, bare.complaint) == (
            2,
            "--users: give the ids again; they came from standard input",
        )
        again = finish(start("resume", str(journal), "--users", "-", env=env), ids)
        assert again.code == 0
        assert sandbox.truth().recipients == sandbox.truth().deliveries == 300


@pytest.mark.slow
class TestSignals:
    """What a signal leaves is gone on with."""

    def test_a_drained_send(
        self, start_sandbox: Start, line: list[str], shell: Shell, journal: Path
    ) -> None:
        """It says how to go on; and that works."""
        sandbox = start_sandbox(latency=0.1)
        process = start(*line, env=settings(sandbox))
        until(lambda: sandbox.truth().requests >= 3)
        process.send_signal(signal.SIGTERM)
        result = finish(process)
        assert result.code == 5
        assert result.err.endswith(
            f"To go on: the same line again, or pushwoosh-async resume {journal}\n"
        )
        assert "drained" not in result.err.replace(str(journal), "")  # a shell knows signals
        assert all(path.stat().st_size == 0 for path in journal.parent.glob("*-journal"))
        resume = ["resume", str(journal), "--concurrency", "50", "--no-rate-limit", "--json"]
        assert shell(sandbox, *resume).document["accepted"] == 2500
        assert sandbox.truth().duplicates == 0

    def test_a_cancelled_send(self, slow: str, line: list[str], journal: Path) -> None:
        """It says how to go on, too; who is in doubt then may be cleared."""
        env = {**SETTINGS, "PUSHWOOSH_BASE_URL": slow}
        process = start(*line, env=env)
        until(lambda: counted(slow, "requests") >= 3)
        assert process.stderr
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline().startswith("Stopping")
        process.send_signal(signal.SIGINT)
        result = finish(process)
        assert result.code in {5, 130}  # the drain may have come to its end before
        assert "To go on" in result.err
        resume = ["resume", str(journal), "--concurrency", "50", "--no-rate-limit", "--json"]
        again = finish(start(*resume, env=env))
        assert (again.code, again.document["accepted"]) == (0, 2500)
        assert counted(slow, "recipients") == counted(slow, "deliveries") == 2500


class TestAnother:
    """What the journal is not of ends with 7, and nothing is sent."""

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            (["--content", "y"], "what is sent (content): "),
            (["--chunk-size", "11"], "--chunk-size: "),
            (["--no-dedupe"], "--no-dedupe: "),
            (["--invalid", "drop"], "--invalid: "),
            (["--store-ids"], "--store-ids: "),
            (["--application", "AAAAA-BBBBB"], "--application: "),
        ],
    )
    def test_another_option(
        self,
        shell: Shell,
        sandbox: Sandbox,
        line: list[str],
        half: Half,
        change: list[str],
        named: str,
    ) -> None:
        """It is named."""
        half()
        requests = sandbox.truth().requests
        if change[0] in line:
            line[line.index(change[0]) + 1] = change[1]
        else:
            line += change
        result = shell(sandbox, *line)
        found = result.document
        assert result.code == found["exit_code"] == 7
        assert result.complaint.startswith(named)
        assert (found["error"], found["delivery"]) == (result.complaint, "not_sent")
        assert "accepted" not in found
        assert sandbox.truth().requests == requests

    def test_another_file(
        self,
        shell: Shell,
        sandbox: Sandbox,
        line: list[str],
        half: Half,
        users: Path,
        journal: Path,
    ) -> None:
        """One more id at its end is enough; the same bytes elsewhere are the same file."""
        half()
        requests = sandbox.truth().requests
        moved = users.rename(users.with_name("moved.txt"))
        users.write_text(moved.read_text() + "one-more\n")
        assert shell(sandbox, *line).code == 7
        assert shell(sandbox, "resume", str(journal)).code == 7
        assert sandbox.truth().requests == requests
        resume = ["resume", str(journal), "--users", str(moved), "--no-rate-limit", "--json"]
        assert shell(sandbox, *resume).document["accepted"] == 2500


class TestRefused:
    """A journal that cannot be used."""

    @pytest.mark.slow
    def test_two_at_once(self, slow: str, line: list[str]) -> None:
        """The second ends with 6 and names the first, which goes on."""
        env = {**SETTINGS, "PUSHWOOSH_BASE_URL": slow}
        first = start(*line, env=env)
        until(lambda: counted(slow, "requests") > 0)
        second = finish(start(*line, env=env))
        assert second.code == 6
        assert f"process {first.pid}" in second.complaint
        assert finish(first).code == 0
        assert counted(slow, "deliveries") == 2500

    @pytest.mark.parametrize("damage", ["wide", "garbage", "folder"])
    def test_no_journal(
        self, shell: Shell, sandbox: Sandbox, line: list[str], journal: Path, damage: str
    ) -> None:
        """Exit code 8: nothing is sent, and nothing is said of people of whom nothing is known."""
        if damage == "folder":
            journal.mkdir()
        else:
            journal.write_bytes(b"garbage" * 1000)
            journal.chmod(0o644 if damage == "wide" else 0o600)
        result = shell(sandbox, *line)
        assert (result.code, result.document["exit_code"]) == (8, 8)
        assert str(journal) in result.complaint
        assert "not_sent" not in result.document
        assert sandbox.truth().requests == 0

    def test_a_date_that_has_passed(
        self, shell: Shell, sandbox: Sandbox, line: list[str], half: Half
    ) -> None:
        """What is left would go out late. The same line would end so for ever: 2, not 5."""
        date = ["--send-date", "2020-01-01 00:00"]
        half(*date)
        requests = sandbox.truth().requests
        again = shell(sandbox, *line, *date)
        assert again.code == 2
        assert "has passed" in again.complaint
        assert sandbox.truth().requests == requests

    def test_a_dry_run_beside_it(
        self, shell: Shell, sandbox: Sandbox, line: list[str], half: Half
    ) -> None:
        """It would show the whole as still to be sent, and writes no journal."""
        refused = (2, "--journal: give it or --dry-run, not both")
        result = shell(sandbox, *line, "--dry-run")
        assert (result.code, result.complaint) == refused
        half()
        result = shell(sandbox, *line, "--dry-run")
        assert (result.code, result.complaint) == refused

    @pytest.mark.parametrize("option", ["--retry-rejected", "--resend-in-doubt=all", "--store-ids"])
    def test_options_that_need_one(
        self, shell: Shell, sandbox: Sandbox, users: Path, option: str
    ) -> None:
        """They are refused by name."""
        command = ["send", "--users", str(users), "--content", "x", option]
        result = shell(sandbox, *command)
        assert result.code == 2
        assert result.complaint == f"{option.partition('=')[0]}: needs --journal"
