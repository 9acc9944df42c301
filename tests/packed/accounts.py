"""Did everybody get what was meant for him, once, and is the report true? The sandbox's ledger decides."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve

from pushwoosh_async import FanOut, RetryPolicy, SendReport, SystemClock
from pushwoosh_async.cli.commands.demo import FAULTS
from pushwoosh_async.cli.ledger_check import Labelled, check, labelled
from pushwoosh_async.sandbox import Fault, Sandbox, parse_faults
from pushwoosh_async.testing import FakeClock

# Of the vendor, on one request: notifications, ids in each, bytes [api.md 3].
MAX_NOTIFICATIONS = 1000
MAX_IDS = 1000
MAX_BODY = 10_000_000

PLACEHOLDERS = "dynamic_content_placeholders"
Texts: TypeAlias = Mapping[str, str]

# Each way in which the sandbox answers a repeat among others.
WAYS: Mapping[str, Mapping[str, Any]] = {
    "same_code": {},
    "empty": {"repeat": "empty"},
    "210": {"repeat": "210"},
    "210, others sent": {"repeat": "210", "sends_beside_repeat": True},
    "409": {"repeat": "409"},
    "409, others sent": {"repeat": "409", "sends_beside_repeat": True},
}
# Those in which a repeat is told apart from a refusal.
CLEAR_WAYS = ("same_code", "empty")


class Hurried(SystemClock):
    """A clock on which nobody waits longer than a moment: a 503 asks for a second each time."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.01))


def pace(way: str) -> dict[str, Any]:
    """Return a client's clock for a way. A 409 is repeated until its window closes: no real time, then."""
    if not way.startswith("409"):
        return {"clock": Hurried()}
    return {"clock": FakeClock(), "retry": RetryPolicy(base_delay=2.0, max_delay=20.0)}


def names(count: int) -> list[str]:
    """Name so many users."""
    return [f"user-{number:07d}" for number in range(count)]


def bad_line(times: float = 1.0) -> list[Fault]:
    """Return the demo's faults, each so many times as often."""
    return [evolve(fault, rate=fault.rate * times) for fault in parse_faults(FAULTS)]


async def watched(run: FanOut) -> list[Labelled]:
    """Go through a run to its end; return what it told of each chunk."""
    async with run:
        return [labelled(outcome) async for outcome in run]


def assert_true(
    report: SendReport, told: Sequence[Labelled], sandbox: Sandbox, ids: Sequence[str]
) -> None:
    """Hold a report, and what was told chunk by chunk, against the ledger, id by id.

    Args:
        report: of the run.
        told: of all of its chunks that were begun.
        sandbox: which served this run alone.
        ids: the source, each id once.
    """
    verdict = check(ids, told, report, sandbox.ledger.counts())
    assert verdict.is_true, verdict
    assert sandbox.truth().broadcasts == 0
    assert_within_limits(sandbox)


def assert_within_limits(sandbox: Sandbox) -> None:
    """Check that no request that arrived passed a limit of the vendor."""
    seen = sandbox.traffic()
    assert seen.most_notifications <= MAX_NOTIFICATIONS
    assert seen.most_ids <= MAX_IDS
    assert seen.largest_body < MAX_BODY


def assert_each_his_own(sandbox: Sandbox, texts: Texts, *, everybody: bool = True) -> None:
    """Check who was sent which text, in a sandbox that keeps notifications: his own, and that once.

    Args:
        sandbox: which served this run alone.
        texts: what is meant for each id.
        everybody: nobody may be left out.
    """
    sent = [*_texts_in(sandbox.ledger.notifications)]
    assert [pair for pair in sent if texts.get(pair[0]) != pair[1]] == []
    assert len(sent) == len(dict(sent))
    if everybody:
        assert dict(sent) == texts


def _texts_in(notifications: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for each in notifications:
        assert each["content"] == "Hello {name}"
        text = each[PLACEHOLDERS]["name"]
        yield from ((user, text) for user in each["users"])
