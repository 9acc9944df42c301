"""A server's text comes out in many places; in each it is cut, clean, and free of the token."""

import re
import unicodedata
from pathlib import Path

import pytest
from canary import CONTENT, SOON_OVER, TOKEN, USER, Watch, shows

from adversity.story import Story
from pushwoosh_async import (
    APIError,
    Notification,
    PushwooshClient,
    read_journal,
)
from pushwoosh_async.cli.app import run

from .hostile_api import Say, comply, fail, refuse, serving

TOO_LONG = re.compile("A{501}")

MESSAGE = ["--content", CONTENT]
# Every command that shows what the API said, but for those that read a journal only.
COMMANDS: dict[str, list[str]] = {
    "create-message": [*MESSAGE, "--user", USER],
    "create-targeted-message": [*MESSAGE, "--filter", 'A("XXXXX-XXXXX")'],
    "create-sms-message": [*MESSAGE, "--to", "+1234567890"],
    "delete-message": ["AAAA-00000000-00000000"],
    "cancel-message": ["AAAA-00000000-00000000"],
    "get-message-details": ["AAAA-00000000-00000000"],
    "get-push-history": [],
    "get-message-totals": ["AAAA-00000000-00000000"],
    "register-device": ["--hwid", USER, "--device-type", "1"],
    "unregister-device": [USER],
    "register-user": [USER, "--hwid", USER],
    "set-tags": ["--tag", "Age=30", "--hwid", USER],
    "get-tags": ["--hwid", USER],
    "probe": ["--user", USER, "--yes", "--only", "1,2"],
}


def invisible(text: str) -> list[str]:
    """Return what a terminal would obey, or turn round."""
    found = (c for c in text if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029")
    return [c for c in found if c not in "\n\t"]


def check(text: str) -> tuple[int, int, int]:
    """Find no control character, no token, no endless text; tell how many there were of each."""
    found = len(invisible(text)), int(shows(text)), len(TOO_LONG.findall(text))
    assert found == (0, 0, 0), repr(text[:2000])
    return found


def tell(story: Story, found: tuple[int, int, int]) -> None:
    """Say what came through."""
    story.saw(
        f"came through: {found[0]} control characters, {found[1]} tokens, {found[2]} texts over 500"
    )


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> pytest.CaptureFixture[str]:
    """Let commands find the canary in the environment, and read what they print."""
    monkeypatch.setenv("COLUMNS", "4000")
    monkeypatch.setenv("PUSHWOOSH_APPLICATION", "XXXXX-XXXXX")
    for name in ("API_TOKEN", "DEVICE_API_TOKEN"):
        monkeypatch.setenv(f"PUSHWOOSH_{name}", TOKEN)
    return capsys


@pytest.mark.row("R5")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_refusal_on_a_terminal(
    command: pytest.CaptureFixture[str], story: Story, name: str
) -> None:
    """As a line for people, and as JSON, which escapes what it must and has no token either."""
    with serving(refuse) as url:
        for form in ([], ["--json"]):
            run([name, *COMMANDS[name], "--base-url", url, *form])
            out, err = command.readouterr()
            assert "Accepted" in out + err
            tell(story, check(out + err))


@pytest.mark.row("R5")
@pytest.mark.parametrize("name", COMMANDS)
def test_an_answer_on_a_terminal(
    command: pytest.CaptureFixture[str], story: Story, name: str
) -> None:
    """What is shown to people has nothing that their terminal obeys."""
    with serving(comply) as url:
        run([name, *COMMANDS[name], "--base-url", url])
        out, err = command.readouterr()
        assert out + err
        found = invisible(out + err)
        assert found == []
        story.saw(f"of an answer to a terminal: {len(found)} control characters")


@pytest.mark.row("R5")
@pytest.mark.parametrize("say", [refuse, fail], ids=["refused", "failed"])
async def test_errors_hooks_logs_and_journals(tmp_path: Path, watch: Watch, say: Say) -> None:
    """The error's every text, each event, each log line, each reason in a report and a journal."""
    journal = tmp_path / "run.journal"
    with serving(say) as url:
        async with PushwooshClient(
            api_token=TOKEN, application="XXXXX-XXXXX", base_url=url, rate_limit=None,
            retry=SOON_OVER, timeout=0.4, hooks=watch.listener,
        ) as client:  # fmt: skip
            with pytest.raises(APIError) as caught:
                await client.create_message(Notification(content=CONTENT, users=[USER]))
            report = await client.fan_out(
                Notification(content=CONTENT), users=[USER], journal=journal
            )
    error = caught.value
    watch.check_error(error)
    errors = [text for each in error.errors for pair in each.items() for text in pair]
    tell(watch.story, check("".join([str(error), error.status_message, *errors])))
    assert len(error.status_message) == 500
    ours = [line for line in watch.lines() if not line.startswith(("httpcore", "httpx", "asyncio"))]
    tell(watch.story, check("".join(ours)))
    (kept,) = (
        *read_journal(journal).report.rejected_chunks,
        *read_journal(journal).report.in_doubt_chunks,
    )
    (told,) = (*report.rejected_chunks, *report.in_doubt_chunks)
    assert kept.reason == told.reason
    tell(watch.story, check(kept.reason))
    assert not shows(journal.read_bytes())
    watch.check()


@pytest.mark.row("R5")
def test_what_is_made_of_a_journal(
    tmp_path: Path, command: pytest.CaptureFixture[str], story: Story
) -> None:
    """A refused send, its report, its page, its list: terminal, files and all."""
    users, journal = tmp_path / "users.txt", str(tmp_path / "run.journal")
    users.write_text(f"{USER}\n")
    with serving(refuse) as url:
        run(["send", "--users", str(users), *MESSAGE, "--journal", journal, "--base-url", url])
        run(["report", journal, "--html", str(tmp_path / "page.html")])
        run(["status", journal])
        run(
            [
                "export",
                journal,
                "--users",
                str(users),
                "--output",
                str(tmp_path / "list.csv"),
                "--format",
                "csv",
            ]
        )
        run(["recall", journal, "--base-url", url])
        run(["reconcile", journal, "--base-url", url])
    out, err = command.readouterr()
    assert "Accepted" in out
    tell(story, check(out + err))
    for name in ("page.html", "list.csv"):
        text = (tmp_path / name).read_text()
        assert "Accepted" in text, name
        assert "<script>" not in text or name == "list.csv"
        tell(story, check(text))
