"""A text for each recipient, over a bad line: each got his own, once, and every label is true."""

import random
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
from connecting import Connect

from pushwoosh_async import Notification, RateLimit, personalise, read_rows
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import FakeClock

from .accounts import (
    CLEAR_WAYS,
    WAYS,
    Hurried,
    Texts,
    assert_each_his_own,
    assert_true,
    bad_line,
    names,
    pace,
    watched,
)

pytestmark = pytest.mark.usefixtures("bare_environment")

TEMPLATE = Notification(content="Hello {name}")


def own_texts(count: int) -> Texts:
    """Return a text for each of so many users, which nobody else has."""
    return {name: f"text of {name}" for name in names(count)}


def shared_texts(count: int, seed: int) -> Texts:
    """Return a text for each of so many users, which up to fifty in a row share."""
    dice = random.Random(seed)  # noqa: S311 -- repeatable on purpose
    users = names(count)
    texts: dict[str, str] = {}
    while users:
        size = dice.randint(1, 50)
        texts |= dict.fromkeys(users[:size], f"text of {users[0]}")
        del users[:size]
    return texts


def recipients(texts: Texts) -> Iterable[tuple[str, dict[str, str]]]:
    """Yield what `personalise` takes."""
    return ((user, {"name": text}) for user, text in texts.items())


@pytest.mark.slow
async def test_a_hundred_thousand_messages(connect: Connect) -> None:
    """No two alike, 500 in a request, with the faults of the demo."""
    texts = own_texts(100_000)
    async with Sandbox(faults=bad_line(), seed=3, keep_notifications=True) as sandbox:
        client = connect(sandbox, timeout=1.5, clock=Hurried())
        messages = personalise(TEMPLATE, recipients(texts))
        run = client.fan_out_each(messages, notifications_per_request=500)
        told = await watched(run)
    assert_true(run.report, told, sandbox, [*texts])
    assert_each_his_own(sandbox, texts)
    assert (run.report.accepted, len(told)) == (100_000, 100_000)
    truth, seen = sandbox.truth(), sandbox.traffic()
    assert len(truth.faults) > 2
    assert truth.replays > 0
    assert (seen.most_notifications, seen.most_ids) == (500, 1)
    assert truth.requests <= run.report.requests == 201 + run.report.retries


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
async def test_each_way_of_answering_a_repeat(connect: Connect, way: str) -> None:
    """One to fifty users a message, a quarter of the requests failing: nobody got another's text."""
    texts, clear = shared_texts(20_000, 1), way in CLEAR_WAYS
    options, ways = pace(way), {"keep_notifications": True, **WAYS[way]}
    async with Sandbox(
        faults=bad_line(4), seed=6, clock=options["clock"].monotonic, **ways
    ) as sandbox:
        client = connect(sandbox, timeout=0.3, **options)
        messages = personalise(TEMPLATE, recipients(texts))
        run = client.fan_out_each(messages, notifications_per_request=50)
        told = await watched(run)
    assert_true(run.report, told, sandbox, [*texts])
    assert_each_his_own(sandbox, texts, everybody=clear)
    assert sandbox.traffic().most_ids <= 50
    assert sandbox.truth().replays > 0
    assert run.report.rejected == run.report.not_sent == 0
    if clear:
        assert run.report.accepted == 20_000
    else:
        assert 0 < run.report.in_doubt < 20_000


@pytest.mark.slow
@pytest.mark.parametrize("way", ["same_code", "empty", "210, others sent"])
@pytest.mark.parametrize("bad", ["refuses_all", "rest_sent", "dropped"])
async def test_each_way_with_bad_ones_among_good(connect: Connect, bad: str, way: str) -> None:
    """One bad id costs its own message, and no neighbour in the pack."""
    texts = shared_texts(10_000, 2)
    users = names(10_000)
    wrong = [users[at] for at in (1_234, 5_555, 9_998)]
    spoilt = {texts[user] for user in wrong}
    options: dict[str, Any] = {"bad_notification": bad, "keep_notifications": True, **WAYS[way]}
    async with Sandbox(rejected_ids=wrong, **options) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        run = client.fan_out_each(
            personalise(TEMPLATE, recipients(texts)), notifications_per_request=50
        )
        told = await watched(run)
    assert_true(run.report, told, sandbox, users)
    assert_each_his_own(sandbox, texts, everybody=False)
    lost = [user for user in users if texts[user] in spoilt]
    assert not set(lost) & set(sandbox.ledger.counts())
    assert run.report.accepted == 10_000 - run.report.in_doubt
    if way in CLEAR_WAYS:
        assert run.report.in_doubt == len(lost)


async def test_a_file_of_rows(connect: Connect, tmp_path: Path) -> None:
    """The columns of a CSV file end at their users, through the same faults."""
    texts = own_texts(5_000)
    path = tmp_path / "users.csv"
    lines = ["city,id,first_name", *(f"Rome,{user},{text}" for user, text in texts.items())]
    path.write_text("\n".join(lines), "utf-8")
    async with Sandbox(faults=bad_line(3), seed=9, keep_notifications=True) as sandbox:
        rows = read_rows(path, column="id", placeholders={"name": "first_name"})
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        report = await client.fan_out_each(
            personalise(TEMPLATE, rows), notifications_per_request=100
        )
    assert report.accepted == report.total == 5_000
    assert_each_his_own(sandbox, texts)


async def test_pages_that_come_slowly(connect: Connect) -> None:
    """Recipients from a database cursor, page by page: the same."""
    texts = shared_texts(5_000, 3)

    async def pages() -> AsyncIterator[list[tuple[str, dict[str, str]]]]:
        listed = [*recipients(texts)]
        for start in range(0, len(listed), 333):
            yield listed[start : start + 333]

    async with Sandbox(faults=bad_line(3), seed=8, keep_notifications=True) as sandbox:
        client = connect(sandbox, timeout=0.3, clock=Hurried())
        report = await client.fan_out_each(personalise(TEMPLATE, pages()))
    assert report.accepted == report.total == 5_000
    assert_each_his_own(sandbox, texts)


async def test_vendors_ceiling(connect: Connect) -> None:
    """At 600 requests a minute on both sides: five hundred times as many messages as one a request."""
    clock, texts = FakeClock(), own_texts(12_000)
    async with Sandbox(rate_limit=600, clock=clock.monotonic, keep_notifications=True) as sandbox:
        client = connect(sandbox, clock=clock, rate_limit=RateLimit(), timeout=30.0)
        run = client.fan_out_each(personalise(TEMPLATE, recipients(texts)), concurrency=1)
        told = await watched(run)
    assert_true(run.report, told, sandbox, [*texts])
    assert_each_his_own(sandbox, texts)
    assert sandbox.truth().throttled == 0
    # 10 at once, then one every tenth of a second.
    assert run.report.requests <= 12_000 / 500
    assert run.report.seconds <= run.report.requests / 10
