"""A send that was planned is the one that is sent, or none: `plan=`, and what changes after the plan."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from connecting import Connect

from pushwoosh_async import (
    ConfigurationError,
    FanOut,
    Notification,
    PushwooshClient,
    personalise,
    read_ids,
    read_rows,
)
from pushwoosh_async.sandbox import Sandbox

from .accounts import assert_each_his_own, names

pytestmark = pytest.mark.usefixtures("bare_environment")

NOTE = Notification(content="Hello")
USERS = names(2_000)
PACKED: dict[str, Any] = {"chunk_size": 100, "notifications_per_request": 5}


def letters(*texts: str) -> list[Notification]:
    return [Notification(content=text, users=[f"reader of {text}"]) for text in texts]


class Counted:
    """Ids that can be read again, and how often they were."""

    def __init__(self, ids: list[str]) -> None:
        self.readings = 0
        self._ids = ids

    def __iter__(self) -> Iterator[str]:
        self.readings += 1
        return iter(self._ids)


async def test_planning_sends_nothing(sandbox: Sandbox, connect: Connect) -> None:
    """Not even a connection is opened; and the source is read once."""
    client, users = connect(sandbox), Counted(USERS)
    plan = await client.plan(NOTE, users=users, **PACKED)
    assert (plan.recipients, plan.notifications, plan.requests) == (2_000, 20, 5)
    assert users.readings == 1
    assert sandbox.truth().connections == 0


async def test_planned_send_goes_through(sandbox: Sandbox, connect: Connect) -> None:
    """It is read twice, once to be held against the plan; in other packs it is the same send."""
    client, users = connect(sandbox), Counted(USERS)
    plan = await client.plan(NOTE, users=USERS, **PACKED)
    report = await client.fan_out(NOTE, users=users, chunk_size=100, plan=plan.hash)
    assert (report.accepted, sandbox.truth().recipients) == (2_000, 2_000)
    assert users.readings == 2


async def test_planned_rows_go_through(sandbox: Sandbox, connect: Connect, tmp_path: Path) -> None:
    """A file of rows, its columns as texts: the plan is of the very texts."""
    path = tmp_path / "users.csv"
    texts = {user: f"text of {user}" for user in USERS}
    path.write_text("\n".join(["id,name", *(f"{u},{t}" for u, t in texts.items())]), "utf-8")

    def messages() -> Any:
        rows = read_rows(path, column="id", placeholders=["name"])
        return personalise(Notification(content="Hello {name}"), rows)

    client = connect(sandbox)
    plan = await client.plan_each(messages())
    path.write_text(path.read_text("utf-8").replace("text of user-0000700", "other"), "utf-8")
    with pytest.raises(ConfigurationError, match="plan: this send is"):
        await client.fan_out_each(messages(), plan=plan.hash)
    assert sandbox.truth().connections == 0

    plan = await client.plan_each(messages())
    report = await client.fan_out_each(messages(), plan=plan.hash)
    assert report.accepted == 2_000
    assert_each_his_own(sandbox, {**texts, "user-0000700": "other"})


def other_text(client: PushwooshClient, plan: str) -> FanOut:
    return client.fan_out(Notification(content="Hello!"), users=USERS, plan=plan, **PACKED)


def other_order(client: PushwooshClient, plan: str) -> FanOut:
    return client.fan_out(NOTE, users=[*USERS[1:], USERS[0]], plan=plan, **PACKED)


def one_more(client: PushwooshClient, plan: str) -> FanOut:
    return client.fan_out(NOTE, users=[*USERS, "one more"], plan=plan, **PACKED)


def one_less(client: PushwooshClient, plan: str) -> FanOut:
    return client.fan_out(NOTE, users=USERS[:-100], plan=plan, **PACKED)


def as_devices(client: PushwooshClient, plan: str) -> FanOut:
    return client.fan_out(NOTE, devices=USERS, plan=plan, **PACKED)


def other_chunks(client: PushwooshClient, plan: str) -> FanOut:
    return client.fan_out(NOTE, users=USERS, chunk_size=50, plan=plan)


@pytest.mark.parametrize(
    "send", [other_text, other_order, one_more, one_less, as_devices, other_chunks]
)
async def test_another_send_is_refused_before_a_byte(
    sandbox: Sandbox, connect: Connect, send: Callable[[PushwooshClient, str], FanOut]
) -> None:
    """Another text, order, number, audience or cut is another send: not even a connection is opened."""
    client = connect(sandbox)
    plan = await client.plan(NOTE, users=USERS, **PACKED)
    with pytest.raises(ConfigurationError, match="plan: this send is") as caught:
        await send(client, plan.hash)
    assert caught.value.delivery == "not_sent"
    assert plan.hash in str(caught.value)
    assert sandbox.truth().connections == 0


async def test_another_application_is_refused(sandbox: Sandbox, connect: Connect) -> None:
    """The plan of a rehearsal's application is none for the real one."""
    plan = await connect(sandbox, application="AAAAA-AAAAA").plan(NOTE, users=USERS)
    with pytest.raises(ConfigurationError, match="plan: this send is"):
        await connect(sandbox).fan_out(NOTE, users=USERS, plan=plan.hash)
    assert sandbox.truth().connections == 0


async def test_other_letters_are_refused(sandbox: Sandbox, connect: Connect) -> None:
    """Of many different notifications each text counts, and their order."""
    client = connect(sandbox)
    plan = await client.plan_each(letters("a", "b", "c"))
    for sent in (letters("a", "b", "x"), letters("b", "a", "c"), letters("a", "b")):
        with pytest.raises(ConfigurationError, match="plan: this send is"):
            await client.fan_out_each(sent, plan=plan.hash)
    assert sandbox.truth().connections == 0
    assert (await client.fan_out_each(letters("a", "b", "c"), plan=plan.hash)).accepted == 3


def test_what_is_used_up_is_refused(sandbox: Sandbox, connect: Connect) -> None:
    """A generator cannot be read twice: refused at the call, before it is touched."""
    client = connect(sandbox)
    with pytest.raises(ConfigurationError, match="read twice"):
        client.fan_out(NOTE, users=iter(USERS), plan="0" * 32)
    with pytest.raises(ConfigurationError, match="read twice"):
        client.fan_out_each((each for each in letters("a")), plan="0" * 32)


class Swapped:
    """The ids in a file, which is another one when it is read for the second time."""

    def __init__(self, path: Path, then: list[str]) -> None:
        self._path = path
        self._then = then
        self._readings = 0

    async def __aiter__(self) -> AsyncIterator[Any]:
        self._readings += 1
        if self._readings == 2:
            write(self._path, self._then)
        async for page in read_ids(self._path):
            yield page


def write(path: Path, ids: list[str]) -> None:
    path.write_text("\n".join(ids), "utf-8")


@pytest.mark.parametrize(
    ("then", "same"),
    [
        ([*USERS[:1_234], "stranger", *USERS[1_235:]], 1_200),
        (["stranger", *USERS], 0),
        ([*USERS, *(f"stranger {number}" for number in range(300))], 2_000),
        (USERS[:1_000], 1_000),
        (USERS[:1_050], 1_000),
        ([], 0),
    ],
    ids=["one", "shifted", "appended", "cut", "cut in a chunk", "emptied"],
)
@pytest.mark.parametrize("packed", [1, 5])
async def test_swapped_between_the_readings(
    sandbox: Sandbox,
    connect: Connect,
    tmp_path: Path,
    then: list[str],
    same: int,
    packed: int,
) -> None:
    """The run ends with an error, and has sent nothing but chunks that were planned."""
    path = tmp_path / "users.txt"
    write(path, USERS)
    client = connect(sandbox)
    plan = await client.plan(NOTE, users=read_ids(path), chunk_size=100)
    run = client.fan_out(
        NOTE,
        users=Swapped(path, then),
        chunk_size=100,
        notifications_per_request=packed,
        plan=plan.hash,
    )
    with pytest.raises(ConfigurationError, match=r"plan: .* it is being changed"):
        await run
    planned = {tuple(USERS[start : start + 100]) for start in range(0, 2_000, 100)}
    sent = [tuple(each["users"]) for each in sandbox.ledger.notifications]
    assert planned.issuperset(sent)
    assert {each for users in sent for each in users} <= {*USERS[:same]}
    assert run.report.accepted == sandbox.truth().deliveries == 100 * len(sent)


async def test_resumed_under_its_plan(sandbox: Sandbox, connect: Connect, tmp_path: Path) -> None:
    """A journalled run goes on with the same plan, and is refused with another."""
    client, journal = connect(sandbox), tmp_path / "journal"
    plan = await client.plan(NOTE, users=USERS, **PACKED)
    options: dict[str, Any] = {**PACKED, "journal": journal, "concurrency": 1}
    async with client.fan_out(NOTE, users=USERS, plan=plan.hash, **options) as run:
        await anext(run)
        run.drain()
    assert 0 < run.report.accepted < 2_000
    with pytest.raises(ConfigurationError, match="plan: this send is"):
        await client.fan_out(NOTE, users=USERS, plan="0" * 32, **options)
    report = await client.fan_out(NOTE, users=USERS, plan=plan.hash, **options)
    assert (report.accepted, sandbox.truth().deliveries) == (2_000, 2_000)


async def test_what_can_be_read_once_has_no_plan_to_keep(
    sandbox: Sandbox, connect: Connect
) -> None:
    """A generator is refused as such, inside a personalised source too: nobody has changed it."""
    client = connect(sandbox)
    pairs = [("u1", {"name": "Ann"}), ("u2", {"name": "Bo"})]
    plan = await client.plan_each(personalise(NOTE, pairs))
    for once in (iter(letters("a")), personalise(NOTE, iter(pairs))):
        with pytest.raises(
            ConfigurationError, match="plan: needs recipients that can be read twice"
        ):
            await client.fan_out_each(once, plan=plan.hash)
    assert (await client.fan_out_each(personalise(NOTE, pairs), plan=plan.hash)).accepted == 2
    assert sandbox.truth().requests == 2
