"""Many different notifications through a real client: each to its own, checked first, resumed, labelled."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import evolve
from connecting import Connect

from pushwoosh_async import (
    ConfigurationError,
    InputChangedError,
    Notification,
    RecipientLabel,
    SendReport,
    label_recipients,
)
from pushwoosh_async.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("bare_environment")

OWN = "11111111-1111-4111-8111-111111111111"


def letters(count: int) -> list[Notification]:
    """So many notifications, each to two of its own; every third to devices."""
    return [
        Notification(content=f"Letter {n}", **{_kind(n): [f"a{n}", f"b{n}"]})  # type: ignore[arg-type]
        for n in range(count)
    ]


def _kind(number: int) -> str:
    return "devices" if number % 3 == 2 else "users"


class Broken(Exception):  # noqa: N818 -- a source's own
    """The source broke off."""


def received(sandbox: Sandbox) -> dict[str, str]:
    """Return who was sent what."""
    return {
        recipient: notification["content"]
        for notification in sandbox.ledger.notifications
        for recipient in notification.get("users") or notification["devices"]
    }


async def test_everybody_gets_their_own_in_few_requests(sandbox: Sandbox, connect: Connect) -> None:
    """A scout, and the rest in one request; counts are of recipients."""
    report = await connect(sandbox).fan_out_each(letters(50))
    assert received(sandbox) == {f"{who}{n}": f"Letter {n}" for n in range(50) for who in "ab"}
    assert (report.accepted, report.total, report.requests) == (100, 100, 2)
    assert sandbox.traffic().most_notifications == 49


async def _one_by_one(notifications: Sequence[Notification]) -> AsyncIterator[Notification]:
    for each in notifications:
        yield each


async def _in_lists(notifications: Sequence[Notification]) -> AsyncIterator[Sequence[Notification]]:
    for start in range(0, len(notifications), 7):
        yield notifications[start : start + 7]


@pytest.mark.parametrize("source", [iter, tuple, _one_by_one, _in_lists])
async def test_notifications_come_from_any_source(
    sandbox: Sandbox, connect: Connect, source: Any
) -> None:
    """An iterator, a tuple, an async generator of notifications or of lists of them."""
    report = await connect(sandbox).fan_out_each(source(letters(20)))
    assert report.accepted == len(received(sandbox)) == 40


async def test_no_notification_is_no_request(sandbox: Sandbox, connect: Connect) -> None:
    """Nothing to send sends nothing."""
    report = await connect(sandbox).fan_out_each([])
    assert (report.total, sandbox.traffic().requests) == (0, 0)


async def test_transaction_id_of_the_callers_own_is_sent(
    sandbox: Sandbox, connect: Connect
) -> None:
    """As it is; all others have derived ones."""
    notifications = [*letters(3), evolve(letters(4)[3], transaction_id=OWN)]
    await connect(sandbox).fan_out_each(notifications)
    ids = [each["transactionId"] for each in sandbox.ledger.notifications]
    assert len(set(ids)) == 4
    assert ids.count(OWN) == 1


async def test_user_and_device_of_one_name_are_two(sandbox: Sandbox, connect: Connect) -> None:
    """With dedupe the first notification that names an id has it; kinds are apart."""
    notifications = [
        Notification(content="one", users=["x", "y"]),
        Notification(content="two", devices=["x"]),
        Notification(content="three", users=["y", "z"]),
        Notification(content="four", users=["x"]),
    ]
    report = await connect(sandbox).fan_out_each(notifications, dedupe=True)
    sent = [(each["content"], each.get("users")) for each in sandbox.ledger.notifications]
    assert sent == [("one", ["x", "y"]), ("two", None), ("three", ["z"])]
    assert (report.accepted, report.duplicates, report.total) == (4, 2, 6)


# -- what is wrong ----------------------------------------------------------------------------------

BAD = [
    (
        Notification(content="all"),
        ConfigurationError,
        r"notifications\[9\]: must name users or dev",
    ),
    (
        Notification(content="none", users=[]),
        ConfigurationError,
        r"notifications\[9\]\.users: must not",
    ),
    (
        Notification(content="id", devices=["a", " "]),
        ConfigurationError,
        r"notifications\[9\]\.devices\[1\]: ",
    ),
    (
        {"content": "dict", "users": ["u"]},
        TypeError,
        r"notifications\[9\]: expected a Notification, got d",
    ),
]


@pytest.mark.parametrize(("bad", "kind", "message"), BAD)
@pytest.mark.parametrize("container", [list, tuple])
async def test_list_is_checked_before_the_first_is_sent(
    sandbox: Sandbox,
    connect: Connect,
    bad: Any,
    kind: type[Exception],
    message: str,
    container: type,
) -> None:
    """One bad notification at its end: no request at all, and its place in the error."""
    run = connect(sandbox).fan_out_each(container([*letters(9), bad]))
    with pytest.raises(kind, match=f"^{message}"):
        await run
    assert sandbox.traffic().requests == 0
    assert run.report.accepted == run.report.in_doubt == 0


@pytest.mark.parametrize(("bad", "kind", "message"), BAD)
async def test_iterator_is_checked_on_the_way(
    sandbox: Sandbox, connect: Connect, bad: Any, kind: type[Exception], message: str
) -> None:
    """Those before it may have been sent; the books say which."""
    run = connect(sandbox).fan_out_each(iter([*letters(9), bad]), notifications_per_request=1)
    with pytest.raises(kind, match=f"^{message}"):
        await run
    report = run.report
    assert report.accepted == sandbox.ledger.total
    assert not report.input_complete
    assert report.in_doubt == 0


async def test_taking_packs_apart_by_rejections_is_refused(
    sandbox: Sandbox, connect: Connect
) -> None:
    """What is refused in a pack is in doubt: only what was refused alone can be taken apart."""
    client = connect(sandbox)
    with pytest.raises(
        ConfigurationError, match=r"^on_rejected: 'bisect' needs notifications_per_r"
    ):
        client.fan_out_each(letters(2), on_rejected="bisect")
    await client.fan_out_each(letters(2), on_rejected="bisect", notifications_per_request=1)


async def test_refusals_are_clean_one_a_request(connect: Connect) -> None:
    """Alone, a refused notification is rejected, and its one bad id can be found."""
    async with Sandbox(rejected_ids=["a3"]) as sandbox:
        client = connect(sandbox)
        report = await client.fan_out_each(
            letters(8), notifications_per_request=1, on_rejected="bisect"
        )
        assert (report.accepted, report.rejected, report.in_doubt) == (15, 1, 0)
        report = await client.fan_out_each(letters(8))
        assert (report.accepted, report.rejected, report.in_doubt) == (14, 0, 2)
        (doubt,) = report.in_doubt_chunks
        assert (doubt.start, doubt.stop) == (6, 8)
        assert doubt.reason.startswith("rejected_in_pack: ")


async def test_refusal_under_the_callers_own_id_is_never_clean(connect: Connect) -> None:
    """It may be of a repeat: the caller may have used that id before. Another's refusal is clean."""
    given = [evolve(letters(1)[0], transaction_id=OWN), *letters(4)[1:]]
    async with Sandbox(rejected_ids=["a0", "a1"]) as sandbox:
        report = await connect(sandbox).fan_out_each(given, notifications_per_request=1)
    assert (report.accepted, report.rejected, report.in_doubt) == (4, 2, 2)
    assert [chunk.transaction_id for chunk in report.in_doubt_chunks] == [OWN]


# -- the journal ------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where a run is written down."""
    return tmp_path / "run.db"


async def _begun(sandbox: Sandbox, connect: Connect, journal: Path) -> None:
    """Send five of six, and let the source break off while the last is held back."""
    sent = anyio.Event()

    async def source() -> AsyncIterator[Sequence[Notification]]:
        yield letters(6)
        await sent.wait()
        raise Broken

    async def watch() -> None:
        run = connect(sandbox).fan_out_each(source(), journal=journal, notifications_per_request=1)
        async with run:
            outcomes = aiter(run)
            for _ in range(5):
                await anext(outcomes)
            sent.set()
            async for _ in outcomes:
                raise AssertionError

    with pytest.raises(Broken), anyio.fail_after(10):
        await watch()
    assert sandbox.ledger.total == 10


async def test_resumed_run_sends_the_rest(
    sandbox: Sandbox, connect: Connect, journal: Path
) -> None:
    """Nobody twice, nobody left out; and a finished run returns its report without a request."""
    await _begun(sandbox, connect, journal)
    report = await connect(sandbox).fan_out_each(letters(10), journal=journal)
    assert report.accepted == 20
    assert sandbox.ledger.counts() == {f"{who}{n}": 1 for n in range(10) for who in "ab"}
    requests = sandbox.traffic().requests
    again = await connect(sandbox).fan_out_each(letters(10), journal=journal)
    assert evolve(again, seconds=0.0) == evolve(report, seconds=0.0)
    assert sandbox.traffic().requests == requests


def _swapped(notifications: list[Notification]) -> list[Notification]:
    return [notifications[1], notifications[0], *notifications[2:]]


CHANGES = {
    "content": lambda given: [evolve(given[0], content="Another"), *given[1:]],
    "one field more": lambda given: [
        given[0],
        evolve(given[1], link="https://x.example"),
        *given[2:],
    ],
    "order": _swapped,
    "kind": lambda given: [Notification(content="Letter 0", devices=["a0", "b0"]), *given[1:]],
    "recipients": lambda given: [evolve(given[0], users=["a0", "c0"]), *given[1:]],
    "one less": lambda given: given[1:],
    "fewer recipients": lambda given: [evolve(given[0], users=["a0"]), *given[1:]],
    "own transactionId": lambda given: [evolve(given[0], transaction_id=OWN), *given[1:]],
    "source ends early": lambda given: given[:2],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_other_notifications_are_refused_before_any_request(
    sandbox: Sandbox, connect: Connect, journal: Path, change: Any
) -> None:
    """Whatever differs of what was begun: nothing is sent, not even what is new."""
    await _begun(sandbox, connect, journal)
    requests = sandbox.traffic().requests
    with pytest.raises(InputChangedError):
        await connect(sandbox).fan_out_each(iter(change(letters(10))), journal=journal)
    assert sandbox.traffic().requests == requests
    report = await connect(sandbox).fan_out_each(letters(10), journal=journal)
    assert report.accepted == 20


async def test_change_behind_what_was_begun_is_none(
    sandbox: Sandbox, connect: Connect, journal: Path
) -> None:
    """What no intent was written for was never compared: it is sent as it is given now."""
    await _begun(sandbox, connect, journal)
    given = [*letters(9), Notification(content="Late change", users=["late"])]
    report = await connect(sandbox).fan_out_each(given, journal=journal)
    assert report.accepted == 19
    assert received(sandbox)["late"] == "Late change"


async def test_journal_of_each_is_not_one_of_a_single_notification(
    sandbox: Sandbox, connect: Connect, journal: Path
) -> None:
    """Nor the other way round: they are other runs."""
    await _begun(sandbox, connect, journal)
    client, requests = connect(sandbox), sandbox.traffic().requests
    with pytest.raises(InputChangedError, match="kind"):
        await client.fan_out(Notification(content="Letter 0"), users=["a0", "b0"], journal=journal)
    other = journal.with_name("other.db")
    await client.fan_out(Notification(content="Letter 0"), users=["a0", "b0"], journal=other)
    with pytest.raises(InputChangedError, match="kind"):
        await client.fan_out_each(letters(10), journal=other)
    assert sandbox.traffic().requests == requests + 1


async def _labels(journal: Path, source: Any) -> list[RecipientLabel]:
    return [label async for label in label_recipients(journal, source)]


async def test_labels_tell_what_became_of_each_recipient(connect: Connect, journal: Path) -> None:
    """In the order of the notifications and of the ids in each, with the code of its own chunk."""
    given = [
        Notification(content="one", users=["u1", "u2"]),
        Notification(content="two", devices=["u1", " ", "u3"]),
        Notification(content="three", users=["bad"]),
        Notification(content="four", users=["u2", "u4"]),
        Notification(content="five", users=["stranger"]),
    ]
    async with Sandbox(rejected_ids=["bad"], unknown=["stranger"]) as sandbox:
        report: SendReport = await connect(sandbox).fan_out_each(
            given, journal=journal, invalid="drop", dedupe=True
        )
    labels = await _labels(journal, given)
    assert [(label.id, label.position, label.outcome) for label in labels] == [
        ("u1", 0, "accepted"),
        ("u2", 1, "accepted"),
        ("u1", 2, "accepted"),
        (" ", 3, "invalid"),
        ("u3", 4, "accepted"),
        ("bad", 5, "in_doubt"),
        ("u2", 6, "duplicate"),
        ("u4", 7, "accepted"),
        ("stranger", 8, "accepted"),
    ]
    assert [label.unknown for label in labels if label.outcome == "accepted"] == [False] * 5 + [
        True
    ]
    assert labels[5].reason.startswith("rejected_in_pack: ")
    assert (report.accepted, report.in_doubt, report.invalid, report.duplicates) == (6, 1, 1, 1)
    assert len({label.transaction_id for label in labels}) == 6  # of five chunks, and none


async def test_labels_refuse_other_notifications(
    sandbox: Sandbox, connect: Connect, journal: Path
) -> None:
    """Changed ones, and what is none at all: by the same errors as the run."""
    await connect(sandbox).fan_out_each(letters(4), journal=journal)
    with pytest.raises(InputChangedError):
        await _labels(journal, _swapped(letters(4)))
    with pytest.raises(TypeError, match=r"^notifications\[0\]: expected a Notification, got str$"):
        await _labels(journal, iter(["a0", "b0"]))
