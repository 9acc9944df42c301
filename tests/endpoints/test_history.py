"""The history pages by itself: every row once, in order, and never for ever."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wire_clients import attempts

from pushwoosh_async import (
    InvalidRequestError,
    PushHistoryRow,
    PushwooshClient,
    RetryPolicy,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)

from .talk import Object, arguments, envelope, replies, says, talk

Page = Sequence[int]


def page(*ids: int) -> Any:
    """Answer with rows of these ids."""
    return says(envelope({"rows": [{"id": id_, "code": f"code-{id_}"} for id_ in ids]}))


async def read(
    rows: AsyncIterator[PushHistoryRow], at_most: int = 10_000, into: list[int] | None = None
) -> list[int]:
    """Return the ids of the rows; a history that is read for ever ends the test."""
    ids = [] if into is None else into
    async for row in rows:
        ids.append(row.id)
        assert len(ids) <= at_most, "there is no end to it"
    return ids


# -- a server that does as it should -----------------------------------------------------------


async def test_pages_until_an_empty_one() -> None:
    """Each asks for what follows the last row; a short page is not the end."""
    async with talk(page(9, 8, 7), page(6, 5), page()) as (client, server):
        assert await read(client.get_push_history(page_size=10)) == [9, 8, 7, 6, 5]
    assert [arguments(request) for request in server.complete] == [
        {"limitMessages": 10},
        {"limitMessages": 10, "lastNotificationID": 7},
        {"limitMessages": 10, "lastNotificationID": 5},
    ]


async def test_nothing_is_one_request() -> None:
    """An account without messages."""
    async with talk(page()) as (client, server):
        assert await read(client.get_push_history()) == []
    assert [arguments(request) for request in server.complete] == [{"limitMessages": 1000}]


async def test_search_goes_with_each_page() -> None:
    """So does the source; a number to look for is sent as the text that the table asks for."""
    async with talk(page(5), page()) as (client, server):
        rows = client.get_push_history(
            search_by="notificationID", value=77, source="A/B Test", page_size=1000
        )
        assert await read(rows) == [5]
    common = {
        "limitMessages": 1000,
        "searchBy": "notificationID",
        "value": "77",
        "source": "A/B Test",
    }
    assert [arguments(request) for request in server.complete] == [
        common,
        {**common, "lastNotificationID": 5},
    ]


@pytest.mark.parametrize("page_size", [10, 11, 999, 1000])
async def test_page_size_is_asked_for(page_size: int) -> None:
    """Both bounds are allowed."""
    async with talk(page()) as (client, server):
        await read(client.get_push_history(page_size=page_size))
    assert arguments(server.complete[0]) == {"limitMessages": page_size}


async def test_pages_are_asked_for_as_they_are_needed() -> None:
    """Nothing before the first row is wanted, and the next page only once one is read."""
    async with talk(page(9, 8), page(7), page()) as (client, server):
        rows = client.get_push_history()
        assert server.requests == []
        asked = [len(server.requests) async for _ in rows]
        assert asked == [1, 1, 2]
        assert len(server.requests) == 3


async def test_leaving_early_asks_for_no_more() -> None:
    """Neither at once nor when the iterator is closed, and the client serves on."""
    async with talk(page(9, 8, 7), page(6)) as (client, server):
        async with aclosing(client.get_push_history()) as rows:
            async for row in rows:
                if row.id == 8:
                    break
        assert len(server.requests) == 1
        assert await read(client.get_push_history(), at_most=1) == [6]


async def test_each_history_is_its_own() -> None:
    """Two at once do not share their place."""
    ids = list(range(50, 0, -1))
    async with talk() as (client, server):
        server.default = replies(history(ids, most=7))
        both = await asyncio.gather(
            read(client.get_push_history()), read(client.get_push_history(page_size=10))
        )
    assert list(both) == [ids, ids]


async def test_failure_in_the_middle_ends_it() -> None:
    """The rows before it were read; the error says which call it was."""
    async with talk(page(9, 8), says(envelope(None, 210, "why"))) as (client, server):
        rows = client.get_push_history()
        assert [(await anext(rows)).id for _ in range(2)] == [9, 8]
        with pytest.raises(InvalidRequestError) as caught:
            await anext(rows)
        assert caught.value.method == "getPushHistory"
        assert len(server.requests) == 2


async def test_doubt_in_the_middle_is_asked_again() -> None:
    """A page is repeated like any call that only reads."""
    broken = says(envelope(None, 500), 500)
    async with talk(page(9), broken, page(8), page(), retry=attempts(2)) as (client, server):
        assert await read(client.get_push_history()) == [9, 8]
    asked = [arguments(request).get("lastNotificationID") for request in server.complete]
    assert asked == [None, 9, 9, 8]


async def test_doubt_that_stays_ends_it() -> None:
    """With the error of the last attempt."""
    async with talk(page(9), says(envelope(None, 500), 500)) as (client, _):
        with pytest.raises(ServerError):
            await read(client.get_push_history())


# -- any server that does as it should ---------------------------------------------------------


def history(
    ids: Sequence[int], *, most: int, inclusive: bool = False
) -> Callable[[Object], Object]:
    """Serve ids in this order, at most so many at once, after the last one or beginning with it."""

    def rows(asked: Object) -> Object:
        last = asked.get("lastNotificationID")
        start = 0 if last is None else ids.index(last) + (not inclusive)
        listed = ids[start : start + min(most, asked["limitMessages"])]
        return {"rows": [{"id": id_} for id_ in listed]}

    return rows


@settings(max_examples=120, deadline=None)
@given(
    ids=st.lists(st.integers(1, 10**12), unique=True, max_size=60),
    newest_first=st.booleans(),
    inclusive=st.booleans(),
    most=st.integers(2, 70),
    page_size=st.integers(10, 20),
)
@example(ids=list(range(1, 41)), newest_first=True, inclusive=True, most=70, page_size=10)
@example(ids=list(range(1, 41)), newest_first=True, inclusive=False, most=70, page_size=10)
@example(ids=[1], newest_first=True, inclusive=True, most=2, page_size=10)
def test_every_row_once_and_in_order(
    ids: list[int], newest_first: bool, inclusive: bool, most: int, page_size: int
) -> None:
    """However many rows there are, whichever way they run, whatever a page begins with."""
    ids = sorted(ids, reverse=newest_first)

    async def main() -> list[int]:
        async with talk() as (client, server):
            server.default = replies(history(ids, most=most, inclusive=inclusive))
            return await read(client.get_push_history(page_size=page_size))

    assert asyncio.run(main()) == ids


# -- a server that does not advance ------------------------------------------------------------


async def stuck(client: PushwooshClient) -> list[int]:
    """Read a history that must end in the error; return the ids before it."""
    ids: list[int] = []
    with pytest.raises(UnexpectedResponseError) as caught:
        await read(client.get_push_history(page_size=10), at_most=100, into=ids)
    assert str(caught.value).startswith("getPushHistory: ")
    assert caught.value.method == "getPushHistory"
    return ids


@pytest.mark.parametrize(
    ("pages", "new"),
    [
        ([(9, 8, 7), (9, 8, 7)], [9, 8, 7]),
        ([(9, 8, 7), (6, 5, 4), (6, 5, 4)], [9, 8, 7, 6, 5, 4]),
        ([(9, 8, 7), (6, 5, 4), (9, 8, 7)], [9, 8, 7, 6, 5, 4]),
        ([(9, 8), (7, 6), (5, 4), (9, 8)], [9, 8, 7, 6, 5, 4]),
        ([(1, 2), (3, 4), (1, 2)], [1, 2, 3, 4]),
        ([(9, 8), (8, 7), (8, 7)], [9, 8, 7]),
    ],
)
async def test_rows_that_came_before(pages: list[Page], new: list[int]) -> None:
    """The same page, an earlier one, or the first again: an error, and no row twice."""
    async with talk(*(page(*each) for each in pages)) as (client, server):
        assert await stuck(client) == new
        assert len(server.requests) == len(pages)


async def test_alternating_pages() -> None:
    """A server that gives the same two pages in turn is found out at the third."""
    pages = [page(9, 8), page(7, 6)] * 5
    async with talk(*pages) as (client, server):
        assert await stuck(client) == [9, 8, 7, 6]
        assert len(server.requests) == 3


async def test_server_that_ignores_the_place_while_messages_come_in() -> None:
    """Each page is the newest one, a little further up: its old rows give the server away."""
    newest = count(20)

    def rows(asked: Object) -> Object:
        top = next(newest)
        return {"rows": [{"id": id_} for id_ in range(top, top - 10, -1)]}

    async with talk() as (client, server):
        server.default = replies(rows)
        ids = await stuck(client)
    assert ids == [*range(20, 10, -1), 21]


@pytest.mark.parametrize("ids", [(0,), (0, 0, 0)])
async def test_page_without_an_id(ids: Page) -> None:
    """The vendor declares that an id may be 0; a page of those is read, and leads nowhere."""
    async with talk(page(9, 8), page(*ids)) as (client, server):
        assert await stuck(client) == [9, 8, *ids]
        assert len(server.requests) == 2


async def test_pages_need_not_be_sorted_inside() -> None:
    """The vendor promises no order by id within a page: every row is read, once."""
    async with talk(page(50, 60, 40), page(45, 30), page()) as (client, server):
        assert await read(client.get_push_history()) == [50, 60, 40, 45, 30]
        assert len(server.requests) == 3


async def test_page_larger_than_other_answers_is_read() -> None:
    """A thousand rows with long texts pass a megabyte; for other methods that is too much."""
    rows = [{"id": 1000 - n, "content": {"en": "x" * 3000}} for n in range(1000)]
    async with talk(says(envelope({"rows": rows})), page()) as (client, _):
        assert len(await read(client.get_push_history())) == 1000
    huge = says(envelope({"message": {"content": "x" * 2**20}}))
    async with talk(huge, retry=RetryPolicy(max_attempts=1)) as (client, _):
        with pytest.raises(TransportError, match="larger than 1048576 bytes"):
            await client.get_message_details("AB-CD")


async def test_row_without_an_id_is_passed_over() -> None:
    """One among others is a row; the next page follows the last that has an id."""
    async with talk(page(9, 0, 8, 0), page(7), page()) as (client, server):
        assert await read(client.get_push_history()) == [9, 0, 8, 0, 7]
    assert arguments(server.complete[1])["lastNotificationID"] == 8


async def test_rows_without_ids_at_all() -> None:
    """Rows whose id cannot be read are no place to go on from either."""
    rows = [{"code": "AB-CD"}, {"id": "x"}, {"id": None}]
    async with talk(says(envelope({"rows": rows}))) as (client, server):
        await stuck(client)
        assert len(server.requests) == 1
