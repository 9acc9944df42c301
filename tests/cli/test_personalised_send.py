"""``send --placeholder``: each gets his own text, from a column of his file, also after a kill."""

import csv
import gzip
import json
import shutil
import signal
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pushwoosh_async import Notification, PushwooshClient, personalise, read_rows
from pushwoosh_async.cli.mailing import OneForEach
from pushwoosh_async.sandbox import Sandbox

from .conftest import Shell, Start
from .shell import SETTINGS, TOKEN, counted, finish, settings, start, until
from .test_display import on_a_terminal

HELLO = "Hello {firstname|CapitalizeFirst|friend}"
# Three have a name in common, one in seven has none.
NAMES = {f"u{n}": "" if n % 7 == 0 else f"name {n % 200}" for n in range(600)}
COLUMNS = ["--column", "id", "--placeholder", "firstname=first_name"]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A file of 600 users and their names."""
    path = tmp_path / "people.csv"
    path.write_text("".join(["id,first_name\n", *(f"{u},{name}\n" for u, name in NAMES.items())]))
    return path


@pytest.fixture
def each(people: Path) -> list[str]:
    """A send to them."""
    return ["send", "--users", str(people), *COLUMNS, "--content", HELLO, "--json"]


@pytest.fixture
def kept(start_sandbox: Start) -> Sandbox:
    """A sandbox that keeps what it was sent."""
    return start_sandbox(keep_notifications=True)


def texts_of(sandbox: Sandbox) -> dict[str, Any]:
    """Return the placeholders that each user got; nobody got two messages."""
    found = {}
    for notification in sandbox.ledger.notifications:
        for user in notification["users"]:
            assert user not in found
            found[user] = notification.get("dynamic_content_placeholders")
    return found


def expected() -> dict[str, Any]:
    return {user: {"firstname": name} if name else None for user, name in NAMES.items()}


class TestTexts:
    """Who is told what."""

    def test_each_gets_his_own(self, shell: Shell, kept: Sandbox, each: list[str]) -> None:
        """In few requests; an empty cell leaves the placeholder to the message's own default."""
        result = shell(kept, *each)
        assert (result.code, result.document["accepted"]) == (0, 600)
        assert texts_of(kept) == expected()
        assert {each["content"] for each in kept.ledger.notifications} == {HELLO}
        assert kept.truth().accepted == 201  # one for each name, and one for all without
        assert kept.truth().requests == 2

    @pytest.mark.parametrize("name", ["people.jsonl", "people.jsonl.gz"])
    def test_fields_of_json_lines(
        self, shell: Shell, kept: Sandbox, tmp_path: Path, name: str
    ) -> None:
        """An empty text is an empty cell; a placeholder may be called as its field is."""
        rows = [{"uid": "a", "city": "Paris", "n": "Ann"}, {"uid": "b", "city": "", "n": "Bob"}]
        text = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        options = ["--field", "uid", "--placeholder", "city", "--placeholder", "name=n"]
        content = "{name} of {{ city | upcase }}"
        assert shell(kept, "send", "--devices", str(path), *options, "--content", content).code == 0
        found = {
            device: each["dynamic_content_placeholders"]
            for each in kept.ledger.notifications
            for device in each["devices"]
        }
        assert found == {"a": {"city": "Paris", "name": "Ann"}, "b": {"name": "Bob"}}

    def test_defaults_of_the_message_file(
        self, shell: Shell, kept: Sandbox, people: Path, tmp_path: Path
    ) -> None:
        """They hold for who has an empty cell."""
        message = tmp_path / "message.json"
        own = {"content": HELLO, "dynamic_content_placeholders": {"firstname": "you", "shop": "S"}}
        message.write_text(json.dumps(own))
        command = ["send", "--users", str(people), *COLUMNS, "--message", str(message)]
        assert shell(kept, *command).code == 0
        assert texts_of(kept) == {
            user: {"firstname": name or "you", "shop": "S"} for user, name in NAMES.items()
        }

    def test_one_a_request(self, shell: Shell, kept: Sandbox, each: list[str]) -> None:
        """Where that is asked for; a bad id then costs its own message, cleanly."""
        assert shell(kept, *each, "--notifications-per-request", "1", "--no-rate-limit").code == 0
        assert kept.traffic().most_notifications == 1
        assert texts_of(kept) == expected()

    def test_an_id_that_comes_twice(self, shell: Shell, kept: Sandbox, people: Path) -> None:
        """It is sent to once, and counted."""
        people.write_text(people.read_text() + "u1,another\n")
        report = shell(kept, "send", "--users", str(people), *COLUMNS, "--content", HELLO, "--json")
        assert (report.document["accepted"], report.document["duplicates"]) == (600, 1)
        assert texts_of(kept) == expected()

    def test_rows_from_standard_input(self, kept: Sandbox, people: Path) -> None:
        """They can be read once only, so they are sent to as they come."""
        command = ["send", "--users", "-", *COLUMNS, "--content", HELLO, "--json"]
        result = finish(start(*command, env=settings(kept)), stdin=people.read_text())
        assert (result.code, result.err) == (0, "")
        assert texts_of(kept) == expected()


class TestPlan:
    """Before anything is sent."""

    def test_a_dry_run(self, shell: Shell, sandbox: Sandbox, each: list[str]) -> None:
        """Messages and requests, as they will be."""
        plan = shell(sandbox, *each, "--dry-run").document
        assert (plan["recipients"], plan["notifications"], plan["requests"]) == (600, 201, 2)
        assert plan["notification"] == {"send_date": "now", "content": HELLO}
        assert (plan["first_texts"], plan["rows_without_a_text"]) == ({}, 86)
        assert plan["unfilled_placeholders"] == []
        assert sandbox.truth().connections == 0
        report = shell(sandbox, *each, "--plan", plan["hash"]).document
        assert (report["accepted"], report["requests"]) == (600, 2)

    def test_a_dry_run_shows_texts(
        self, shell: Shell, sandbox: Sandbox, people: Path, tmp_path: Path
    ) -> None:
        """Of the first, with the message's own; and what nobody fills. Nothing unprintable is printed."""
        people.write_text("id,first_name\na,An\x1bn\nb,\nc,C\nd,\n")
        message = tmp_path / "message.json"
        content = {"en": f"{HELLO} {{Shop|CapitalizeFirst|x}}", "de": "{{ City }} {Shop} {age|a|b}"}
        own = {"content": content, "dynamic_content_placeholders": {"age": "9", "q": "{no}"}}
        message.write_text(json.dumps(own))
        command = ["send", "--users", str(people), *COLUMNS, "--message", str(message), "--dry-run"]
        result = shell(sandbox, *command)
        assert (result.code, result.err) == (0, "")
        lines = [line.split() for line in result.out.splitlines()]
        first = lines.index(["The", "first", "gets:"])
        assert lines[first + 1 : first + 4] == [
            ["age", "9"],
            ["q", "{no}"],
            ["firstname", "An\\x1bn"],
        ]
        assert ["rows", "with", "an", "empty", "cell", "2"] in lines
        assert (
            "No --placeholder fills {Shop}, {City}: that is left to the user's tags." in result.out
        )
        found = shell(sandbox, *command, "--json").document
        assert found["first_texts"] == {"age": "9", "q": "{no}", "firstname": "An\x1bn"}
        assert found["rows_without_a_text"] == 2
        assert found["unfilled_placeholders"] == ["Shop", "City"]

    def test_another_text_is_another_plan(
        self, shell: Shell, sandbox: Sandbox, each: list[str], people: Path
    ) -> None:
        """Of one of them."""
        plan = shell(sandbox, *each, "--dry-run").document["hash"]
        people.write_text(people.read_text().replace("u1,name 1\n", "u1,nome 1\n"))
        result = shell(sandbox, *each, "--plan", plan)
        assert (result.code, result.complaint.partition(":")[0]) == (2, "--plan")
        assert sandbox.truth().connections == 0

    def test_the_bar_knows_the_end(self, sandbox: Sandbox, each: list[str]) -> None:
        """The file was gone through before."""
        code, shown = on_a_terminal(each, settings(sandbox))
        assert code == 0
        assert "600 of 600 sent" in shown


class TestWrongUse:
    """One line, exit code 2, and nothing sent."""

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            (["--placeholder", "a=b"], "--placeholder: give --column or --field, too"),
            (["--column", "id", "--placeholder", "=b"], "--placeholder: must be NAME=COLUMN"),
            (["--column", "id", "--placeholder", "a="], "--placeholder: must be NAME=COLUMN"),
            (
                ["--column", "id", "--placeholder", "a=id", "--placeholder", "a=first_name"],
                "--placeholder: 'a' is given twice",
            ),
            (["--column", "id", "--placeholder", "a=none"], "the header has no column 'none'"),
            (["--column", "0", "--placeholder", "a=id"], "the header has no column '0'"),
            (["--column", "id", "--format", "lines", "--placeholder", "a"], "--format 'lines'"),
            (["--field", "id", "--placeholder", "a"], "is csv by its name"),
            (["--column", "a", "--field", "b", "--placeholder", "a"], "column is for CSV"),
        ],
        ids=lambda each: " ".join(each) if isinstance(each, list) else "",
    )
    def test_a_wrong_option(
        self, shell: Shell, sandbox: Sandbox, people: Path, options: list[str], complaint: str
    ) -> None:
        """The line names the option, or the file's, and the rule."""
        result = shell(sandbox, "send", "--users", str(people), "--content", "{a}", *options)
        assert result.code == 2
        assert complaint in result.complaint
        assert result.complaint.startswith(("--", "column "))
        assert sandbox.truth().connections == 0

    @pytest.mark.parametrize("key", ["users", "transactionId"])
    def test_a_message_that_is_no_template(
        self, shell: Shell, sandbox: Sandbox, people: Path, tmp_path: Path, key: str
    ) -> None:
        """The option that named it is said."""
        message = tmp_path / "message.json"
        message.write_text(json.dumps({"content": HELLO, key: ["a"] if key == "users" else "t"}))
        command = ["send", "--users", str(people), *COLUMNS, "--message", str(message)]
        result = shell(sandbox, *command)
        assert (result.code, result.complaint.partition(":")[0]) == (2, "--message")

    @pytest.mark.parametrize("option", [[], ["--dry-run"]])
    def test_a_bad_id_is_named_by_its_row(
        self, shell: Shell, sandbox: Sandbox, each: list[str], people: Path, option: list[str]
    ) -> None:
        """Not by its message, in which others stand beside it."""
        people.write_text(people.read_text().replace("u433,", " u433,"))
        result = shell(sandbox, *each, *option)
        assert result.code == 2
        assert result.complaint == "--users: id 434: an id must not begin or end with a blank"
        assert sandbox.truth().connections == 0
        assert shell(sandbox, *each, "--invalid", "drop").document["invalid"] == 1

    def test_a_bad_id_from_standard_input(self, sandbox: Sandbox) -> None:
        """Its rows are gone: the message is named."""
        command = ["send", "--users", "-", *COLUMNS, "--content", HELLO]
        rows = "id,first_name\na,A\nb,B\n,A\n"
        result = finish(start(*command, env=settings(sandbox)), stdin=rows)
        assert result.code == 2
        assert result.complaint == "--users: message 1, id 2: an id must not be empty"

    def test_a_text_that_is_no_text(self, shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
        """Half of a character, which JSON can hold: the row is named."""
        path = tmp_path / "people.jsonl"
        path.write_text('{"id": "a", "n": "A"}\n{"id": "b", "n": "\\ud800"}\n')
        command = ["send", "--users", str(path), "--field", "id", "--placeholder", "n"]
        result = shell(sandbox, *command, "--content", "{n}")
        assert result.code == 2
        assert result.complaint.startswith("--users: row 2, placeholders.n: holds half")


@given(data=st.data())
@hypothesis_settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_row_of_a_bad_id(data: st.DataObject, tmp_path: Path) -> None:
    """Whatever texts the rows share, and however many are looked at together."""
    size = data.draw(st.sampled_from([1, 6, 7, 8, 20, 40]))
    texts = data.draw(st.lists(st.sampled_from(["", "A", "B", "C"]), min_size=size, max_size=size))
    bad = data.draw(st.integers(0, size - 1))
    path = tmp_path / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "name"])
        writer.writerows((" " if n == bad else f"u{n}", text) for n, text in enumerate(texts))
    rows = read_rows(path, column="id", placeholders=["name"], page_size=7)
    look_ahead = data.draw(st.sampled_from([1, 2, 5, 10, 50]))
    each = OneForEach(
        personalise(Notification(content="x"), rows, look_ahead=look_ahead),
        str(path),
    )
    how = {
        "chunk_size": 1000, "notifications_per_request": "max", "max_request_bytes": 4_000_000,
        "dedupe": True, "invalid": "raise",
    }  # fmt: skip

    async def planned() -> None:
        async with PushwooshClient(api_token="t", application="XXXXX-XXXXX") as client:
            await each.plan(client, how, lambda read, page: None)

    with pytest.raises(ValueError, match=rf"^users\[{bad}\]: "):
        anyio.run(planned)


class Own(list[Notification]):
    """Notifications, and how a program would make them again."""

    recipe: str


MISSPELT = [
    {"content": "Hello {firstnam|CapitalizeFirst|}"},
    {"content": "Hello {firstnames}, firstname, {x|firstname|firstname}"},
    {"content": "Hello", "dynamic_content_placeholders": {"firstname": "{firstname}"}},
    {"content": {"en": "Hello {first name}"}, "title": "{Firstname}"},
]
SPELT = [
    {"content": "Hello {firstname}"},
    {"content": "Hello {{firstname}}"},
    {"content": "Hello {{- firstname | upcase -}}"},
    {"content": "Hello{% if firstname != '' %}, friend{% endif %}"},
    {"content": {"en": "Hello", "de": "Hallo {firstname|CapitalizeFirst|}"}},
    {"content": "Hello", "title": "{firstname|CapitalizeFirst|}"},
    {"content": "Hello", "ios_root_params": {"a": [{"b": "{firstname}"}]}},
    {"content": "Hello", "preset": "XXXXX-XXXXX"},
    {"content": "Hello", "rich_media": "XXXXX-XXXXX"},
    {"preset": "XXXXX-XXXXX"},
]


@pytest.mark.parametrize("message", MISSPELT, ids=str)
@pytest.mark.parametrize("option", [[], ["--dry-run"]])
def test_a_placeholder_without_a_place(
    shell: Shell,
    sandbox: Sandbox,
    people: Path,
    tmp_path: Path,
    message: dict[str, Any],
    option: list[str],
) -> None:
    """It was misspelt, in the option or in the message: nothing is sent."""
    path = tmp_path / "message.json"
    path.write_text(json.dumps(message))
    result = shell(
        sandbox, "send", "--users", str(people), *COLUMNS, "--message", str(path), *option
    )
    assert result.code == 2
    assert result.complaint == "--placeholder firstname: the message has no {firstname}"
    assert sandbox.truth().connections == 0


@pytest.mark.parametrize("message", SPELT, ids=str)
def test_a_placeholder_with_a_place(
    shell: Shell, sandbox: Sandbox, people: Path, tmp_path: Path, message: dict[str, Any]
) -> None:
    """Anywhere in the message; what a preset or a rich media page says, nobody here knows."""
    path = tmp_path / "message.json"
    path.write_text(json.dumps(message))
    result = shell(
        sandbox, "send", "--users", str(people), *COLUMNS, "--message", str(path), "--dry-run"
    )
    assert (result.code, result.err) == (0, "")


@pytest.mark.slow
class TestJournal:
    """``--journal``: what was begun goes on."""

    @pytest.fixture
    def journal(self, tmp_path: Path) -> str:
        return str(tmp_path / "campaign.db")

    @pytest.fixture
    def part(self, kept: Sandbox, each: list[str], journal: str) -> list[str]:
        """Send some of it, until a signal ends the session; return the line."""
        line = [*each, "--journal", journal, "--notifications-per-request", "2"]
        process = start(*line, "--concurrency", "1", "--rate", "600/min", env=settings(kept))
        until(lambda: kept.truth().recipients > 0)  # of a hundred requests, ten a second
        process.send_signal(signal.SIGTERM)
        assert finish(process).code == 5
        assert 0 < kept.truth().recipients < 600
        return line

    @pytest.mark.parametrize("again", ["send", "resume"])
    def test_it_goes_on_after_a_kill(
        self, slow: str, each: list[str], journal: str, again: str
    ) -> None:
        """Every count comes out, and nobody got it twice or not at all."""
        env = {**SETTINGS, "PUSHWOOSH_BASE_URL": slow}
        line = [*each, "--journal", journal, "--no-rate-limit"]
        few = ["--notifications-per-request", "2", "--concurrency", "2"]
        process = start(*line, *few, env=env)
        until(lambda: counted(slow, "accepted") >= 20)
        process.send_signal(signal.SIGKILL)
        assert finish(process).code == -signal.SIGKILL
        assert 0 < counted(slow, "recipients") < 600
        only_the_token = {"PUSHWOOSH_API_TOKEN": TOKEN}
        resume = ["resume", journal, "--json", "--no-rate-limit"]
        command, env = (line, env) if again == "send" else (resume, only_the_token)
        result = finish(start(*command, "--quiet", env=env))
        assert (result.code, result.err) == (0, "")
        assert (result.document["accepted"], result.document["total"]) == (600, 600)
        assert counted(slow, "recipients") == counted(slow, "deliveries") == 600

    @pytest.mark.parametrize("again", ["send", "resume"])
    def test_what_is_left_has_its_own_texts(
        self, shell: Shell, kept: Sandbox, part: list[str], journal: str, again: str
    ) -> None:
        """As the journal tells how they were made."""
        command = part if again == "send" else ["resume", journal, "--json"]
        assert shell(kept, *command).document["accepted"] == 600
        assert texts_of(kept) == expected()
        requests = kept.truth().requests
        assert shell(kept, *command).document["accepted"] == 600
        assert kept.truth().requests == requests

    def test_a_file_that_has_moved(
        self, shell: Shell, kept: Sandbox, part: list[str], journal: str, people: Path
    ) -> None:
        """It is typed, and how it is read; its message is still the journal's."""
        assert part
        moved = str(people.rename(people.with_name("moved.csv")))
        lost = shell(kept, "resume", journal)
        assert (lost.code, lost.complaint.partition(" ")[0]) == (2, "--users")
        bare = shell(kept, "resume", journal, "--users", moved, "--column", "id")
        assert (bare.code, bare.complaint) == (
            2,
            "--placeholder: give it, too; the journal is of a personalised send",
        )
        other = shell(kept, "resume", journal, "--devices", moved, *COLUMNS)
        assert (other.code, other.complaint) == (2, "--devices: the journal is of users")
        alone = shell(kept, "resume", journal, "--placeholder", "firstname=first_name")
        assert (alone.code, alone.complaint) == (
            2,
            "--placeholder: give it with --users or --devices",
        )
        assert shell(kept, "resume", journal, "--users", moved, *COLUMNS).code == 0
        assert texts_of(kept) == expected()

    @pytest.mark.parametrize(
        "change",
        [["--content", "y {firstname}"], ["--chunk-size", "2"], ["--placeholder", "firstname=id"]],
    )
    def test_another_send(
        self, shell: Shell, kept: Sandbox, part: list[str], change: list[str]
    ) -> None:
        """Exit code 7, and nothing is sent."""
        requests = kept.truth().requests
        if change[0] in part:
            part[part.index(change[0]) + 1] = change[1]
        else:
            part += change
        result = shell(kept, *part)
        assert (result.code, kept.truth().requests) == (7, requests)

    def test_another_text(
        self, shell: Shell, kept: Sandbox, part: list[str], people: Path, journal: str
    ) -> None:
        """In one row is enough."""
        requests = kept.truth().requests
        people.write_text(people.read_text().replace("u599,name 199", "u599,nome 199"))
        assert shell(kept, *part).code == 7
        assert shell(kept, "resume", journal).code == 7
        assert kept.truth().requests == requests

    def test_rows_that_came_through_a_pipe(self, kept: Sandbox, people: Path, journal: str) -> None:
        """They are given again."""
        rows = people.read_text()
        command = ["send", "--users", "-", *COLUMNS, "--content", HELLO, "--journal", journal]
        slowly = ["--notifications-per-request", "2", "--concurrency", "1", "--deadline", "1"]
        env = settings(kept)
        assert finish(start(*command, *slowly, env=env), rows).code == 5
        bare = finish(start("resume", journal, env=env), "")
        assert (bare.code, bare.complaint) == (
            2,
            "--users: give the rows again; they came from standard input",
        )
        again = finish(start("resume", journal, "--users", "-", *COLUMNS, env=env), rows)
        assert again.code == 0
        assert texts_of(kept) == expected()

    def test_placeholders_of_a_send_that_had_none(
        self, shell: Shell, kept: Sandbox, people: Path, journal: str
    ) -> None:
        """It is no personalised one, and is not made one."""
        command = ["send", "--users", str(people), "--column", "id", "--content", HELLO]
        late = ["--journal", journal, "--deadline", "1e-6"]
        assert shell(kept, *command, *late).code == 5
        result = shell(kept, "resume", journal, "--users", str(people), *COLUMNS)
        assert (result.code, result.complaint) == (
            2,
            "--placeholder: the journal is of one message for all",
        )
        assert shell(kept, *command, *COLUMNS[2:], "--journal", journal).code == 7


@pytest.mark.slow
class TestWhoIsLeft:
    """After a stop or a kill every command knows how many there are: the file was gone through before."""

    def left(self, shell: Shell, journal: str) -> int:
        """Return how many were not sent to, on which report, status and export agree."""
        report = shell(None, "report", journal, "--json").document
        status = shell(None, "status", journal, "--json").document
        rows = shell(None, "export", journal, "--quiet", "--only", "not_sent").out.splitlines()
        assert report["total"] == status["progress"]["total"] == 600
        assert report["input_complete"]
        assert report["not_sent"] == len(rows)
        return len(rows)

    def test_after_a_signal(
        self, shell: Shell, kept: Sandbox, each: list[str], tmp_path: Path
    ) -> None:
        """The session that ends says it, too."""
        journal = str(tmp_path / "campaign.db")
        few = ["--notifications-per-request", "2", "--concurrency", "1", "--rate", "600/min"]
        process = start(*each, *few, "--journal", journal, env=settings(kept))
        until(lambda: kept.truth().recipients > 0)
        process.send_signal(signal.SIGINT)
        said = finish(process).document
        assert (said["total"], said["input_complete"]) == (600, True)
        assert said["not_sent"] == self.left(shell, journal) == 600 - kept.truth().recipients
        assert shell(kept, "resume", journal).code == 0
        assert self.left(shell, journal) == 0

    def test_after_a_kill(self, shell: Shell, slow: str, each: list[str], tmp_path: Path) -> None:
        """The journal has it from the start."""
        journal = str(tmp_path / "campaign.db")
        env = {**SETTINGS, "PUSHWOOSH_BASE_URL": slow}
        few = ["--notifications-per-request", "2", "--concurrency", "2", "--no-rate-limit"]
        process = start(*each, *few, "--journal", journal, env=env)
        until(lambda: counted(slow, "accepted") >= 20)
        process.send_signal(signal.SIGKILL)
        finish(process)
        assert 0 < self.left(shell, journal) < 600
        late = [*few, "--deadline", "1e-6"]
        token = {"PUSHWOOSH_API_TOKEN": TOKEN}
        assert finish(start("resume", journal, *late, "--quiet", env=token)).code == 5
        assert 0 < self.left(shell, journal) < 600
        assert finish(start("resume", journal, "--no-rate-limit", "--quiet", env=token)).code == 0
        assert self.left(shell, journal) == 0


class TestAfterwards:
    """What the journal of such a send tells."""

    @pytest.fixture
    def journal(self, tmp_path: Path) -> str:
        return str(tmp_path / "campaign.db")

    @pytest.fixture
    def doubtful(
        self, start_sandbox: Start, shell: Shell, each: list[str], journal: str
    ) -> Sandbox:
        """The sandbox of a send in which one answer to four messages was lost."""
        sandbox = start_sandbox(repeat="210", keep_notifications=True)
        sandbox.script([None, "reset_after"])
        few = ["--notifications-per-request", "5", "--concurrency", "1", "--no-rate-limit"]
        assert shell(sandbox, *each, *few, "--journal", journal).code == 4
        return sandbox

    def test_export(
        self, shell: Shell, doubtful: Sandbox, people: Path, journal: str, tmp_path: Path
    ) -> None:
        """Each once, from the file that the journal names or from one that is typed."""
        rows = [json.loads(line) for line in shell(None, "export", journal).out.splitlines()]
        assert sorted(row["id"] for row in rows) == sorted(NAMES)
        assert [row["position"] for row in rows] == list(range(600))
        order = [user for each in doubtful.ledger.notifications for user in each["users"]]
        assert [row["id"] for row in rows] == order
        doubts = [row["id"] for row in rows if row["outcome"] == "in_doubt"]
        assert 0 < len(doubts) == shell(None, "report", journal, "--json").document["in_doubt"]
        said = shell(None, "export", journal, "--only", "in_doubt").err
        assert said == (
            "Each message was another, and its text is not listed; to send to who is left: "
            f"pushwoosh-async resume {journal}\n"
        )
        assert shell(None, "export", journal, "--quiet").err == ""
        moved = str(shutil.copy(people, tmp_path / "moved.csv"))
        again = shell(None, "export", journal, "--users", moved, *COLUMNS)
        assert [json.loads(line) for line in again.out.splitlines()] == rows
        wrong = shell(None, "export", journal, "--unknown", "--placeholder", "a=b")
        assert (wrong.code, wrong.complaint.partition(":")[0]) == (2, "--placeholder")

    def test_report_and_status(
        self, shell: Shell, doubtful: Sandbox, journal: str, tmp_path: Path
    ) -> None:
        """For people, for machines and for browsers; and that positions are not lines of the file."""
        assert doubtful.truth().recipients == 600
        report = shell(None, "report", journal)
        assert report.code == 0
        assert "Positions are counted from 1, message by message" in report.out
        page = tmp_path / "page.html"
        assert shell(None, "report", journal, "--html", str(page)).code == 0
        assert "600 recipients of XXXXX-XXXXX" in page.read_text()
        assert "message by message" in page.read_text()
        status = shell(None, "status", journal, "--json").document
        assert status["finished"]
        assert status["progress"]["accepted"] + status["progress"]["in_doubt"] == 600

    def test_what_it_says_when_it_ends(
        self, shell: Shell, start_sandbox: Start, each: list[str]
    ) -> None:
        """The same of positions."""
        sandbox = start_sandbox(repeat="210")
        sandbox.script(["reset_after"])
        people = [part for part in each if part != "--json"]
        result = shell(sandbox, *people)
        assert result.code == 4
        assert "Positions are counted from 1, message by message" in result.out

    def test_reconcile(
        self, shell: Shell, start_sandbox: Start, each: list[str], people: Path, journal: str
    ) -> None:
        """What was sent at that time is listed, and that no content was compared."""
        rows = [f"u{n},name {n % 5}\n" for n in range(100)]
        people.write_text("".join(["id,first_name\n", *rows]))
        sandbox = start_sandbox(repeat="210")
        sandbox.script([None, "reset_after"])
        assert shell(sandbox, *each, "--journal", journal).code == 4
        found = shell(sandbox, "reconcile", journal, "--json").document
        assert len(found["evidence"]) == 4
        for evidence in found["evidence"]:
            assert len(evidence["candidates"]) == 4
            assert "each message of the run is another" in evidence["note"]

    def test_recall(self, shell: Shell, sandbox: Sandbox, each: list[str], journal: str) -> None:
        """Of messages with a date to come; each tells how it stands, as the journal has no dates."""
        line = [*each, "--journal", journal, "--send-date", "2099-01-31 09:00"]
        assert shell(sandbox, *line).code == 0
        result = shell(sandbox, "recall", journal, "--json")
        assert (result.code, result.document["cancelled"]) == (0, 600)
        assert sandbox.truth().cancelled == 201
        assert sandbox.truth().by_method["getMessageDetails"] == 201
        assert shell(None, "report", journal, "--json").document["recalled"] == 600
        requests = sandbox.truth().requests
        assert shell(sandbox, "resume", journal).code == 0  # it was finished
        assert sandbox.truth().requests == requests

    def test_recall_of_what_went_out_at_once(
        self, shell: Shell, sandbox: Sandbox, each: list[str], journal: str
    ) -> None:
        """Nobody is called cancelled; to fewer than ten the API gave no code to ask by."""
        assert shell(sandbox, *each, "--journal", journal).code == 0
        result = shell(sandbox, "recall", journal, "--json")
        found = result.document
        assert (result.code, found["cancelled"]) == (4, 0)
        assert (found["too_late"], found["no_code"]) == (86, 514)

    @pytest.mark.parametrize("command", ["resume", "export"])
    @pytest.mark.parametrize("recipe", ["", "my own", '{"personalise": 1, "path": "x"}'])
    def test_a_run_that_a_program_began(
        self, shell: Shell, sandbox: Sandbox, journal: str, command: str, recipe: str
    ) -> None:
        """How it made its messages is not in the journal: one line says so."""

        async def send() -> None:
            own = Own(Notification(content=f"for {user}", users=[user]) for user in "ab")
            own.recipe = recipe
            async with PushwooshClient(
                api_token=TOKEN, application="XXXXX-XXXXX", base_url=sandbox.url
            ) as client:
                await client.fan_out_each(own, journal=journal)

        anyio.run(send)
        result = shell(sandbox, command, journal)
        assert result.code == 2
        assert result.complaint.startswith("JOURNAL: each message of its run is another")
        assert shell(None, "report", journal, "--json").document["accepted"] == 2

    @pytest.mark.parametrize("empty", ["left_out", "kept"])
    def test_rows_that_a_program_read(
        self,
        shell: Shell,
        kept: Sandbox,
        people: Path,
        journal: str,
        empty: Literal["left_out", "kept"],
    ) -> None:
        """What became of its empty cells becomes of them when it goes on."""

        async def send() -> None:
            columns = {"firstname": "first_name"}
            rows = read_rows(people, column="id", placeholders=columns, empty=empty)
            async with PushwooshClient(
                api_token=TOKEN, application="XXXXX-XXXXX", base_url=kept.url
            ) as client:
                messages = personalise(Notification(content=HELLO), rows)
                await client.fan_out_each(messages, journal=journal, deadline=1e-6)

        anyio.run(send)
        assert shell(kept, "resume", journal).code == 0
        as_texts = {user: {"firstname": name} for user, name in NAMES.items()}
        assert texts_of(kept) == (as_texts if empty == "kept" else expected())
