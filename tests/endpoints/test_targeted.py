"""A filter that is not bounded to applications is refused before a byte, unless the call says so."""

from typing import Any

import pytest

from pushwoosh_async import (
    App,
    AppGroup,
    ConfigurationError,
    Filter,
    FilterError,
    FilterSyntaxError,
    IntegerTag,
    StringTag,
    TargetedMessage,
)

from .talk import arguments, envelope, says, talk

A = App("AAAAA-AAAAA")
B = App("BBBBB-BBBBB", platforms=["iOS"])
G = AppGroup("GGGGG-GGGGG")
AT = App("AAAAA-AAAAA").tag(StringTag("City").eq("Paris"))
T = StringTag("City").eq("Paris")
U = IntegerTag("Age").between(17, 20)

# An application or application-tag term: yes; a tag: no; a | b: both; a & b: either; a - b: a.
BOUNDED: list[Filter] = [
    A, B, G, AT,
    A | B, A | AT, A | G,
    A & T, T & A, T & AT, (T & A) | B, (A | B) & T, (A | B) & T & U,
    A - T, AT - T, A - B, (A & T) - U, (T & A) - B,
    (T | U) & A, A & (T | U), A & (T - U), (A - T) | (B & U),
]  # fmt: skip
UNBOUNDED: list[Filter] = [
    T, U,
    T | U, A | T, T | A, AT | T, (A | B) | T, A | (B | T), (A & T) | U,
    T & U, T - A, T - U, (T | A) - A, T - (A | B), (T & U) - A,
    (A | T) & U, (A | T) & (B | U), (A - T) | U,
]  # fmt: skip

NOT_BOUNDED = r"^devices_filter: reaches every application .* all_applications=True$"
ACCEPTED = says(envelope({"messageCode": "AB-CD"}))


def message(devices_filter: Any) -> TargetedMessage:
    """Write a message to whom a filter matches."""
    return TargetedMessage(content="Hi", devices_filter=devices_filter)


@pytest.mark.parametrize("filter_", BOUNDED, ids=str)
@pytest.mark.parametrize("form", [lambda tree: tree, str], ids=["tree", "text"])
async def test_bounded_filter_is_sent(filter_: Filter, form: Any) -> None:
    """As a tree or as a text: the same text leaves."""
    async with talk(ACCEPTED) as (client, server):
        await client.create_targeted_message(message(form(filter_)))
    assert arguments(server.complete[0])["devices_filter"] == str(filter_)


@pytest.mark.parametrize("filter_", UNBOUNDED, ids=str)
@pytest.mark.parametrize("form", [lambda tree: tree, str], ids=["tree", "text"])
async def test_unbounded_filter_is_refused_before_a_byte(filter_: Filter, form: Any) -> None:
    """Not even a connection is made; the error says what would have happened and how to ask for it."""
    async with talk() as (client, server):
        with pytest.raises(ConfigurationError, match=NOT_BOUNDED) as caught:
            await client.create_targeted_message(message(form(filter_)))
        assert type(caught.value) is ConfigurationError
        assert caught.value.delivery == "not_sent"
        assert server.connections == 0


@pytest.mark.parametrize("filter_", UNBOUNDED, ids=str)
async def test_unbounded_filter_is_sent_where_the_call_says_so(filter_: Filter) -> None:
    """By name, for each call."""
    async with talk(ACCEPTED, ACCEPTED) as (client, server):
        await client.create_targeted_message(message(filter_), all_applications=True)
        assert arguments(server.complete[0])["devices_filter"] == str(filter_)
        with pytest.raises(ConfigurationError, match=NOT_BOUNDED):
            await client.create_targeted_message(message(filter_))
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (
            ' A( "AAAAA-AAAAA" )*T ("City",  eq, "Paris")',
            'A("AAAAA-AAAAA") * T("City", EQ, "Paris")',
        ),
        (
            'T("a",EQ,1) + T("b",EQ,1) * A("AAAAA-BBBBB")',
            '(T("a", EQ, 1) + T("b", EQ, 1)) * A("AAAAA-BBBBB")',
        ),
        (
            'T("a",EQ,1) \\ T("b",EQ,1) * A("AAAAA-BBBBB")',
            '(T("a", EQ, 1) \\ T("b", EQ, 1)) * A("AAAAA-BBBBB")',
        ),
    ],
)
async def test_text_goes_as_it_was_understood(text: str, sent: str) -> None:
    """In canonical spelling: what was found bounded must not rest on the server's precedence."""
    async with talk(ACCEPTED) as (client, server):
        await client.create_targeted_message(message(text))
    assert arguments(server.complete[0])["devices_filter"] == sent


async def test_text_for_all_applications_goes_as_it_was_written() -> None:
    """Nothing about it was checked."""
    text = ' T ("City",  eq, "Paris")'
    async with talk(ACCEPTED) as (client, server):
        await client.create_targeted_message(message(text), all_applications=True)
    assert arguments(server.complete[0])["devices_filter"] == text


UNREADABLE = ["x", 'A("AAAAA-AAAAA"', 'A("AAAAA-AAAAA") * Event("Bought")', 'T("City", LIKE, "P")']


@pytest.mark.parametrize("text", UNREADABLE)
async def test_text_that_cannot_be_read_is_refused_before_a_byte(text: str) -> None:
    """Which applications it reaches is unknown; the error shows the place."""
    async with talk() as (client, server):
        with pytest.raises(FilterSyntaxError) as caught:
            await client.create_targeted_message(message(text))
        assert "^" in str(caught.value)
        assert caught.value.delivery == "not_sent"
        assert server.connections == 0


@pytest.mark.parametrize("text", UNREADABLE)
async def test_text_that_cannot_be_read_is_the_servers_where_the_call_says_so(text: str) -> None:
    """The vendor's language may have grown; what does not compile comes back with its reasons."""
    reasons = [{"message": 'Expected ")".', "type": "syntax"}, {"message": "no", "type": "x"}]
    refusal = says(envelope({"errors": reasons}, 210, "Filter compile errors"))
    async with talk(refusal) as (client, server):
        with pytest.raises(FilterError) as caught:
            await client.create_targeted_message(message(text), all_applications=True)
        assert arguments(server.complete[0])["devices_filter"] == text
    assert caught.value.errors == tuple(reasons)
    assert caught.value.status_message == "Filter compile errors"
    assert caught.value.delivery == "rejected"


async def test_message_from_the_wire_is_judged_when_it_is_sent() -> None:
    """`from_wire` takes anything of the right type; sending does not."""
    empty = TargetedMessage.from_wire({"content": "Hi", "devices_filter": " "})
    late = TargetedMessage.from_wire({"content": "Hi", "devices_filter": str(T)})
    missing = TargetedMessage.from_wire({"content": "Hi"})
    async with talk() as (client, server):
        for bad in (empty, late, missing):
            with pytest.raises(ConfigurationError, match=r"^devices_filter: "):
                await client.create_targeted_message(bad)
        assert server.connections == 0
