"""The rate limit of createMessage."""

import pytest

from pushwoosh_async.sandbox import Sandbox

from .caller import Caller, answer, codes, ids
from .conftest import Start

USERS = ids(20)


async def test_over_the_limit(start: Start) -> None:
    """A request over the limit is HTTP 429 with the seconds to wait, and sends nothing."""
    api = await start(rate_limit=2)
    await api.send(USERS)
    api.clock.now += 10.5
    await api.send(USERS)

    response = await api.send(USERS)

    assert answer(response) == (429, 429, "Too many requests")
    assert response.headers["retry-after"] == "50"
    truth = api.sandbox.truth()
    assert (truth.accepted, truth.throttled, truth.rejected, truth.requests) == (2, 1, 0, 3)


async def test_minute_passes(start: Start) -> None:
    """In no minute are more admitted than the limit; a minute later there is room for one again."""
    api = await start(rate_limit=1)
    await api.send(USERS)
    api.clock.now += 59.999
    assert (await api.send(USERS)).status_code == 429
    api.clock.now += 0.001

    assert len(codes(await api.send(USERS))) == 1


async def test_refusals_are_free(start: Start) -> None:
    """A refused request does not push the next admission back."""
    api = await start(rate_limit=1)
    await api.send(USERS)
    for _ in range(3):
        api.clock.now += 20
        last = await api.send(USERS)

    assert len(codes(last)) == 1


async def test_no_limit(api: Caller) -> None:
    """Without a limit none is applied."""
    for _ in range(700):
        await api.send(["a"])

    assert api.sandbox.truth().accepted == 700


async def test_other_methods_are_free(start: Start) -> None:
    """Only createMessage is limited."""
    api = await start(rate_limit=1)
    for _ in range(3):
        await api.http.post("/json/1.3/other", json={})

    assert len(codes(await api.send(USERS))) == 1


async def test_faulty_requests_pay(start: Start) -> None:
    """A request that a fault strikes before it is processed has used the limit all the same."""
    api = await start(rate_limit=1)
    api.sandbox.script(["error_500_before"])
    await api.send(USERS)

    assert (await api.send(USERS)).status_code == 429


def test_limit_of_none() -> None:
    """A limit below one request is refused."""
    with pytest.raises(ValueError, match="rate_limit must be at least 1"):
        Sandbox(rate_limit=0)
