"""``export``: each id, and what became of it."""

import csv
import errno
import io
import json
import os
import stat
from pathlib import Path

import pytest
from adversity.story import Story
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async.cli.complaints import BadInputError, RefusedError
from pushwoosh_async.cli.label_rows import RowFormat, defused, row_writer
from pushwoosh_async.cli.output_file import written
from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import start

INPUT = ["a", "=1+1", "bad", "\tb", " ", "a", "@x", *(f"u{n}" for n in range(30))]


@pytest.fixture
def ids(tmp_path: Path) -> Path:
    """Ids of every kind: what a spreadsheet would run, one the API refuses, an invalid one, a repeat."""
    path = tmp_path / "ids.jsonl"
    path.write_text("".join(f"{json.dumps({'id': text})}\n" for text in INPUT))
    return path


@pytest.fixture
def journal(start_sandbox: Start, shell: Shell, ids: Path, tmp_path: Path) -> Path:
    """The journal of a send to them."""
    sandbox = start_sandbox(rejected_ids=["bad"], unknown=["u3", "u5"])
    path = tmp_path / "campaign.db"
    command = ["send", "--users", str(ids), "--field", "id", "--content", "x", "--invalid", "drop"]
    command += ["--journal", str(path), "--on-rejected", "bisect", "--store-ids", "--quiet"]
    assert shell(sandbox, *command).code == 3
    return path


def test_every_input_is_told_once(shell: Shell, journal: Path) -> None:
    """In the order of the input, from the file that the journal names, and as the report counts."""
    result = shell(None, "export", str(journal))
    assert (result.code, result.err) == (0, "")
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["id"] for row in rows] == INPUT
    assert [row["position"] for row in rows] == list(range(len(INPUT)))
    report = shell(None, "report", str(journal), "--json").document
    outcomes = [row["outcome"] for row in rows]
    for name in ("accepted", "rejected", "in_doubt", "not_sent", "invalid"):
        assert outcomes.count(name) == report[name]
    assert outcomes.count("duplicate") == report["duplicates"] == 1
    assert [row["id"] for row in rows if row["outcome"] == "rejected"] == ["bad"]
    assert [row["id"] for row in rows if row["unknown"]] == ["u3", "u5"]
    assert all(len(row["transaction_id"]) == 36 for row in rows if row["outcome"] == "accepted")


def test_some_of_them_can_be_sent_to(
    shell: Shell, sandbox: Sandbox, journal: Path, tmp_path: Path
) -> None:
    """What JSON lines hold is a file of ids."""
    some = tmp_path / "some.jsonl"
    command = ["export", str(journal), "--only", "rejected", "--only", "accepted"]
    result = shell(None, *command, "--output", str(some))
    assert (result.code, result.out) == (0, "")
    assert result.err == f"{some}: 34 ids, 33 accepted, 1 rejected\n"
    assert stat.S_IMODE(some.stat().st_mode) == 0o600
    again = shell(sandbox, "send", "--users", str(some), "--field", "id", "--content", "x")
    assert again.code == 0
    assert set(sandbox.ledger.counts()) == set(INPUT) - {" ", "\tb"}


def test_the_unknown(shell: Shell, journal: Path) -> None:
    """As the run stored them; without a file."""
    unknown = shell(None, "export", "--unknown", str(journal))
    assert [json.loads(line) for line in unknown.out.splitlines()] == [{"id": "u3"}, {"id": "u5"}]
    assert (
        shell(None, "export", "--unknown", str(journal), "--format", "csv").out
        == "id\r\nu3\r\nu5\r\n"
    )


def test_the_unknown_of_a_run_that_stored_none(
    shell: Shell, sandbox: Sandbox, users: Path, tmp_path: Path
) -> None:
    """The option that would have is named."""
    path = tmp_path / "bare.db"
    command = ["send", "--users", str(users), "--content", "x", "--journal", str(path)]
    assert shell(sandbox, *command).code == 0
    result = shell(None, "export", "--unknown", str(path))
    assert (result.code, result.out) == (2, "")
    assert "--store-ids" in result.complaint


@pytest.mark.row("R21")
def test_cells_that_a_spreadsheet_would_run(shell: Shell, journal: Path, story: Story) -> None:
    """They get an apostrophe before them; a machine that wants them as they are says so."""
    command = ["export", str(journal), "--format", "csv"]
    safe = list(csv.DictReader(io.StringIO(shell(None, *command).out, newline="")))
    plain = list(csv.DictReader(io.StringIO(shell(None, *command, "--plain").out, newline="")))
    assert [row["id"] for row in plain] == INPUT
    assert [row["id"] for row in safe] == [
        f"'{text}" if text in {"=1+1", "\tb", "@x"} else text for text in INPUT
    ]
    assert [row["outcome"] for row in safe] == [row["outcome"] for row in plain]
    marked = sum(row["id"] != text for row, text in zip(safe, INPUT, strict=True))
    run = sum(row["id"].startswith(("=", "+", "-", "@", "\t", "\r")) for row in safe)
    story.saw(
        f"export: an apostrophe before {marked} of {len(INPUT)} ids, {run} begin like a formula"
    )


@pytest.mark.row("R21")
def test_no_cell_is_a_formula(story: Story) -> None:
    """Whatever it begins with; nothing else of it is changed."""
    formulas = 0

    @given(st.text() | st.text("=+-@\t\r'\n x", max_size=3))
    def holds(text: str) -> None:
        nonlocal formulas
        cell = defused(text)
        formulas += cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not formulas
        assert cell.removeprefix("'") == text.removeprefix("'")
        assert cell in {text, f"'{text}"}

    holds()
    story.saw(f"any text: {formulas} formulas")


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.none() | st.booleans())
    )
)
def test_rows_can_be_read_again(rows: list[tuple[str, bool | None]]) -> None:
    """Commas, quotes, line ends and all."""
    for form in RowFormat:
        sink = io.StringIO(newline="")
        write = row_writer(sink, ("id", "unknown"), form, plain=True)
        for row in rows:
            write(row)
        sink.seek(0)
        if form is RowFormat.JSONL:
            read = [(each["id"], each["unknown"]) for each in map(json.loads, sink)]
        else:
            values = {"": None, "true": True, "false": False}
            read = [(each["id"], values[each["unknown"]]) for each in csv.DictReader(sink)]
        assert read == rows


def test_another_file(shell: Shell, journal: Path, ids: Path, tmp_path: Path) -> None:
    """Exit code 7; no file is left that could be taken for the whole."""
    moved = ids.rename(tmp_path / "moved.jsonl")
    lost = shell(None, "export", str(journal))
    assert (lost.code, lost.complaint.partition(" ")[0]) == (2, "--users")
    command = ["export", str(journal), "--users", str(moved), "--field", "id", "--quiet"]
    assert shell(None, *command, "--output", str(tmp_path / "out")).code == 0
    moved.write_text(moved.read_text().replace("u29", "u290"))
    before = sorted(tmp_path.iterdir())
    for more in ([], ["--force"]):
        target = tmp_path / ("out" if more else "other")
        assert shell(None, *command, "--output", str(target), *more).code == 7
    assert sorted(tmp_path.iterdir()) == before
    assert len((tmp_path / "out").read_text().splitlines()) == len(INPUT)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--plain"], "--plain: "),
        (["--force"], "--force: "),
        (["--unknown", "--only", "accepted"], "--only: "),
        (["--unknown", "--users", "x"], "--users: "),
        (["--unknown", "--input-format", "csv"], "--input-format: "),
        (["--devices", os.devnull], "--devices: the journal is of users"),
        (["--input-format", "csv"], "--input-format: "),
    ],
)
def test_options_that_do_not_fit(
    shell: Shell, journal: Path, options: list[str], complaint: str
) -> None:
    """They are refused by name."""
    result = shell(None, "export", str(journal), *options)
    assert (result.code, result.out) == (2, "")
    assert result.complaint.startswith(complaint)


def test_a_reader_that_has_gone(journal: Path) -> None:
    """Nothing is said of it, as by every command."""
    process = start("export", str(journal))
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    with process.stderr:
        complaints = process.stderr.read()
    assert process.stdin
    process.stdin.close()
    assert (process.wait(60), complaints) == (1, "")


class TestWrittenFile:
    """A file that holds personal data."""

    def test_one_that_is_there_is_never_replaced(self, tmp_path: Path) -> None:
        """Unless that is asked for; then at once, when the new one is whole."""
        path = tmp_path / "out"
        path.write_text("old")
        with (
            pytest.raises(BadInputError, match="--force"),
            written("--output", str(path), force=False),
        ):
            pytest.fail("it was to be refused")
        with written("--output", str(path), force=True) as file:
            file.write("new")
            assert path.read_text() == "old"
        assert path.read_text() == "new"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [*tmp_path.iterdir()] == [path]

    def test_a_symbolic_link_is_not_followed(self, tmp_path: Path) -> None:
        """Forced, the link itself is replaced."""
        target, link = tmp_path / "target", tmp_path / "link"
        target.write_text("old")
        link.symlink_to(target)
        with pytest.raises(BadInputError), written("--output", str(link), force=False):
            pytest.fail("it was to be refused")
        with written("--output", str(link), force=True) as file:
            file.write("new")
        assert target.read_text() == "old"
        assert not link.is_symlink()

    @pytest.mark.parametrize("force", [False, True])
    def test_what_is_not_whole_is_not_there(self, tmp_path: Path, *, force: bool) -> None:
        """Whatever ends it."""
        with pytest.raises(KeyboardInterrupt):
            _write_half(tmp_path / "out", KeyboardInterrupt(), force=force)
        assert [*tmp_path.iterdir()] == []

    @pytest.mark.parametrize("name", ["a\0b", "/nowhere/out"])
    def test_a_place_where_no_file_can_be(self, name: str) -> None:
        """It is wrong use."""
        with pytest.raises(BadInputError, match="--output '"):
            _write_half(Path(name), None, force=True)

    def test_a_disk_that_is_full(self, tmp_path: Path) -> None:
        """That is no wrong use: exit code 1, in one line."""
        full = OSError(errno.ENOSPC, "No space left on device")
        with pytest.raises(RefusedError, match="No space left on device") as caught:
            _write_half(tmp_path / "out", full, force=False)
        assert caught.value.code == 1
        assert [*tmp_path.iterdir()] == []


def _write_half(path: Path, error: BaseException | None, *, force: bool) -> None:
    with written("--output", str(path), force=force) as file:
        file.write("half")
        if error is not None:
            raise error
