"""When does `assert_sent_once` fail, and does it say why?"""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async import APIError, Notification, PushwooshClient
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import AssertSentOnce, client_options

# One a line; the first is in the line that pytest's summary shows.
OFFENDER = r"^(?:not sent exactly once: |  )(.+) was sent (?:nothing|(\d+) times)$"
IDS = st.sampled_from(["user-1", "user-2", "+1234567890", "a b"])


@given(st.lists(IDS), st.lists(IDS, min_size=1))
def test_it_fails_for_whoever_did_not_get_one(delivered: list[str], asked: list[str]) -> None:
    """It names each of those asked about who got none or several, with the number, and nobody else."""
    sandbox = Sandbox()
    for recipient in delivered:
        sandbox.ledger.record({}, [recipient])
    times = Counter(delivered)
    expected = {each: times[each] for each in asked if times[each] != 1}

    said = complaint(sandbox, *asked)

    found = re.findall(OFFENDER, said, flags=re.MULTILINE)
    assert {name: int(number or 0) for name, number in found} == expected
    assert bool(said) == bool(expected)


@given(st.lists(IDS), st.lists(IDS, min_size=1))
def test_only_fails_for_everybody_else_too(delivered: list[str], asked: list[str]) -> None:
    """It passes where those asked about, once each, are all who got any; and names the others if not."""
    sandbox = Sandbox()
    sandbox.ledger.record({}, delivered)
    strangers = set(delivered) - set(asked)

    said = complaint_of_only(sandbox, *asked)

    assert set(re.findall(r"(?:^  |: )(.+) was sent to as well$", said, re.MULTILINE)) == strangers
    assert bool(said) == (Counter(delivered) != Counter(set(asked)))


async def test_a_broadcast_goes_to_others_too(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox
) -> None:
    """It names nobody, and yet it is not to those only that are asked about."""
    await pushwoosh_client.create_message(Notification(content="Hello", users=["user-1"]))
    assert complaint_of_only(pushwoosh_sandbox, "user-1") == ""
    await pushwoosh_client.broadcast(Notification(content="Hello"), confirm="XXXXX-XXXXX")

    said = complaint_of_only(pushwoosh_sandbox, "user-1").splitlines()[0]

    wish = "not sent exactly once and to nobody else"
    assert said == f"{wish}: every subscriber was sent to as well"


def complaint_of_only(sandbox: Sandbox, *ids: str) -> str:
    """Return what the stricter assertion says, or nothing."""
    try:
        AssertSentOnce(sandbox).only(*ids)
    except AssertionError as error:
        return str(error)
    return ""


def complaint(sandbox: Sandbox, *ids: str) -> str:
    """Return what a failing assertion says, or nothing."""
    try:
        AssertSentOnce(sandbox)(*ids)
    except AssertionError as error:
        return str(error)
    return ""


def test_a_long_list_is_cut() -> None:
    """Twenty are named, and the others counted."""
    said = complaint(Sandbox(), *(f"user-{n}" for n in range(1, 1001)))

    assert "  user-20 was sent nothing\n  and 980 more\n" in said
    assert "user-21" not in said
    assert "more" not in complaint(Sandbox(), *(f"user-{n}" for n in range(20)))


async def test_it_says_what_the_sandbox_saw(
    pushwoosh_client: PushwooshClient, pushwoosh_sandbox: Sandbox
) -> None:
    """Requests that were refused, and messages to everybody, explain why somebody got none."""
    elsewhere = client_options(pushwoosh_sandbox) | {"application": "AAAAA-BBBBB"}
    async with PushwooshClient(**elsewhere) as client:
        with pytest.raises(APIError):
            await client.create_message(Notification(content="Hello", users=["user-1"]))
    for _ in range(2):
        await pushwoosh_client.broadcast(Notification(content="Hello"), confirm="XXXXX-XXXXX")

    said = complaint(pushwoosh_sandbox, "user-1").splitlines()[-1]

    assert said == "the sandbox saw: requests 3, accepted 2, rejected 1, throttled 0, broadcasts 2"


def test_it_goes_by_what_was_sent_since_the_reset() -> None:
    """What a sandbox has forgotten does not count."""
    sandbox = Sandbox()
    for _ in range(2):
        sandbox.reset()
        sandbox.ledger.record({}, ["user-1"])
    AssertSentOnce(sandbox)("user-1")


def test_a_list_is_no_recipient() -> None:
    """What could only be a mistake is not taken for an id that got nothing, and nobody is not everybody."""
    assert_sent_once = AssertSentOnce(Sandbox())
    with pytest.raises(TypeError, match=r"recipient: expected a str, got list"):
        assert_sent_once(["user-1"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"recipient: expected a str, got list"):
        assert_sent_once.only(["user-1"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="recipient"):
        assert_sent_once(*[])
