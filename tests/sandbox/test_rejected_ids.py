"""Ids that the stand-in refuses on request, for tests of how a sender finds them."""

from typing import Any

import pytest

from pushwoosh_async.sandbox import Sandbox

from .caller import answer, ids, notification
from .conftest import Start

USERS = ids(20)


@pytest.mark.parametrize("kind", ["users", "devices"])
async def test_one_refuses_all(start: Start, kind: str) -> None:
    """A notification that names one is refused as a whole, with code 210, and nobody gets it."""
    api = await start(rejected_ids=["bad", "worse"])

    response = await api.create(notification(**{kind: [*USERS, "bad"]}))

    assert answer(response) == (200, 210, "An id is not accepted.")
    assert response.json()["response"] is None
    truth = api.sandbox.truth()
    assert (truth.deliveries, truth.rejected, truth.accepted) == (0, 1, 0)


async def test_a_neighbour_is_refused_with_it(start: Start) -> None:
    """One bad notification refuses the whole request."""
    api = await start(rejected_ids=["bad"])

    response = await api.create(notification(users=USERS), notification(users=["bad"]))

    assert answer(response)[1] == 210
    assert api.sandbox.truth().deliveries == 0


async def test_others_are_served(start: Start) -> None:
    """Only the very id is refused, and the refusal uses up no transactionId."""
    api = await start(rejected_ids=["bad"])
    await api.send(["bad"], transactionId="t")

    response = await api.send(["Bad", "bad ", "ba", *USERS], transactionId="t")

    assert answer(response)[1] == 200
    assert api.sandbox.truth().deliveries == 23


@pytest.mark.parametrize("name", ["rejected_ids", "unknown"])
def test_one_string_is_not_several(name: str) -> None:
    """Else every letter would be an id."""
    options: dict[str, Any] = {name: "bad"}
    with pytest.raises(TypeError, match=f"{name} must hold several values"):
        Sandbox(**options)
