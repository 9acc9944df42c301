"""Complete HTTP answers over real sockets: the second table of delivery.md 2.4, row by row."""

import json
from typing import Any

import pytest
from attrs import field, frozen
from fault_server import ACCEPTED, Script, answer, fault_server, http, raw
from wire_clients import NOTE, Record, Way, attempts, each_own_way, each_way, open_client

from pushwoosh_async import (
    APIError,
    AuthenticationError,
    Delivery,
    FilterError,
    InvalidRequestError,
    Notification,
    PushwooshError,
    RateLimitedError,
    RedirectError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)


def said(code: object, message: str = "Said", response: object = None) -> bytes:
    """Write a body in the API's shape."""
    return json.dumps(
        {"status_code": code, "status_message": message, "response": response}
    ).encode()


@frozen
class Refusal:
    """An answer that is no success: the error it means, and whether it is tried again."""

    name: str
    script: Script
    errors: type[PushwooshError] | tuple[type[PushwooshError], ...]
    delivery: Delivery
    repeated: bool
    attributes: dict[str, Any] = field(factory=dict)

    def __str__(self) -> str:
        return self.name


def by_status(status: int, error: Any, delivery: Delivery, *, repeated: bool) -> Refusal:
    """Answer with an HTTP status and a body that is not the API's."""
    return Refusal(
        f"HTTP {status}",
        answer(status, b"<html>no</html>"),
        error,
        delivery,
        repeated,
        {"http_status": status, "status_code": None},
    )


def by_body(name: str, body: bytes, error: Any, delivery: Delivery, *, repeated: bool) -> Refusal:
    """Answer HTTP 200 with a body that is no acknowledgement."""
    return Refusal(name, answer(200, body), error, delivery, repeated, {"http_status": 200})


def unreadable(name: str, body: bytes) -> Refusal:
    """Answer HTTP 200 with what nobody can read: in doubt."""
    return by_body(name, body, UnexpectedResponseError, "in_doubt", repeated=True)


KNOWN_ACCOUNT_REFUSALS = [
    "Account not found",
    "Application not found",
    "API token or application is not set",
    "This feature is available for Premium accounts only",
]

REFUSALS = [
    *(
        by_status(status, InvalidRequestError, "rejected", repeated=False)
        for status in (400, 405, 411, 413, 414, 415, 422, 431)
    ),
    *(
        by_status(status, AuthenticationError, "not_sent", repeated=False)
        for status in (401, 403, 404)
    ),
    *(
        by_status(status, UnexpectedResponseError, "in_doubt", repeated=True)
        for status in (408, 409, 423, 425, 402, 410, 418, 451, 499)
    ),
    by_status(429, RateLimitedError, "not_sent", repeated=True),
    *(
        by_status(status, RedirectError, "in_doubt", repeated=False)
        for status in (300, 301, 302, 303, 307, 308)
    ),
    Refusal(
        "HTTP 304",
        raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        RedirectError,
        "in_doubt",
        repeated=False,
    ),
    *(
        by_status(status, ServerError, "in_doubt", repeated=True)
        for status in (500, 501, 502, 503, 504, 507, 511, 599)
    ),
    *(
        by_status(status, UnexpectedResponseError, "in_doubt", repeated=True)
        for status in (201, 202, 206, 210, 226)
    ),
    Refusal(
        "HTTP 204",
        raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
        UnexpectedResponseError,
        "in_doubt",
        repeated=True,
    ),
    Refusal(
        "HTTP 101",
        raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        (UnexpectedResponseError, TransportError),
        "in_doubt",
        repeated=True,
    ),
    Refusal(
        "HTTP 210 that says 200",
        answer(210),
        UnexpectedResponseError,
        "in_doubt",
        repeated=True,
    ),
    Refusal("HTTP 500 that says 200", answer(500), ServerError, "in_doubt", repeated=True),
    Refusal(
        "HTTP 503, Retry-After",
        answer(503, b"busy", [("Retry-After", "0")]),
        ServerError,
        "in_doubt",
        repeated=True,
        attributes={"retry_after": 0.0},
    ),
    *(
        by_body(f"body {code}", said(code), AuthenticationError, "not_sent", repeated=False)
        for code in (401, 403, 404)
    ),
    by_body("body 429", said(429), RateLimitedError, "not_sent", repeated=True),
    by_body("body 210", said(210), InvalidRequestError, "rejected", repeated=False),
    by_body("body '210'", said("210"), InvalidRequestError, "rejected", repeated=False),
    by_body(
        "body 210 of a filter",
        said(210, "Filter", {"errors": [{"type": "filter", "message": "bad"}]}),
        FilterError,
        "rejected",
        repeated=False,
    ),
    *(
        by_body(f"210, {text}", said(210, text), AuthenticationError, "not_sent", repeated=False)
        for text in KNOWN_ACCOUNT_REFUSALS
    ),
    *(
        by_body(f"body {code}", said(code), ServerError, "in_doubt", repeated=True)
        for code in (500, 400, 0, 201, -1)
    ),
    unreadable("status_code true", said(True)),
    unreadable("status_code null", said(None)),
    unreadable("status_code 200.5", said(200.5)),
    unreadable("status_code list", said([200])),
    unreadable("status_code missing", b'{"status_message":"OK"}'),
    unreadable("status_code blank", said("")),
    unreadable("status_code 'OK'", said("OK")),
    unreadable("status_code in other digits", said("\u0662\u0660\u0660")),
    unreadable("duplicate status_code", b'{"status_code":210,"status_code":200}'),
    unreadable("duplicate in response", ACCEPTED.replace(b'{"M', b'{"a":1,"a":2,"M')),
    unreadable("not an object: list", b"[" + ACCEPTED + b"]"),
    unreadable("not an object: text", b'"ok"'),
    unreadable("not an object: number", b"200"),
    unreadable("null", b"null"),
    unreadable("empty", b""),
    unreadable("blank", b" \r\n"),
    unreadable("HTML", b"<html><body>Welcome to nginx!</body></html>"),
    unreadable("two objects", ACCEPTED * 2),
    unreadable("Infinity", ACCEPTED.replace(b'"OK"', b"-Infinity")),
    unreadable("UTF-16", ACCEPTED.decode().encode("utf-16")),
    unreadable("trailing comma", ACCEPTED[:-1] + b",}"),
]
each_refusal = pytest.mark.parametrize("refusal", REFUSALS, ids=str)


@each_refusal
@each_way
async def test_a_refusal_is_the_error_of_the_table(way: Way, refusal: Refusal) -> None:
    """Once tried, class, delivery and attributes are those of the row, and the next call is served."""
    async with (
        fault_server(refusal.script) as server,
        open_client(way, server.url, max_connections=1) as client,
    ):
        with pytest.raises(refusal.errors) as caught:
            await client.create_message(NOTE)

        error = caught.value
        assert isinstance(error, PushwooshError)
        assert error.delivery == refusal.delivery
        assert error.method == "createMessage"
        assert error.transaction_ids == server.complete[0].transaction_ids
        for name, value in refusal.attributes.items():
            assert (name, getattr(error, name)) == (name, value)
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@each_refusal
@each_way
async def test_a_refusal_is_repeated_only_if_that_can_help(way: Way, refusal: Refusal) -> None:
    """Repeated, it is the same notification to the byte; final, the server hears nothing more."""
    hooks = Record()
    async with (
        fault_server(refusal.script) as server,
        open_client(way, server.url, max_connections=1, retry=attempts(3), hooks=hooks) as client,
    ):
        if refusal.repeated:
            result = await client.create_message(NOTE)
            assert {r.transaction_ids for r in server.complete} == {result.transaction_ids}
            assert len({r.notifications for r in server.complete}) == 1
        else:
            with pytest.raises(refusal.errors):
                await client.create_message(NOTE)
        expected = 2 if refusal.repeated else 1
        assert len(server.complete) == len(server.requests) == len(hooks.attempts) == expected
        assert [event.delivery for event in hooks.retries] == [refusal.delivery] * (expected - 1)


@each_own_way
@pytest.mark.parametrize(
    "last",
    [
        answer(400, b""),
        answer(200, said(210)),
        answer(401, b""),
        answer(429, b""),
        answer(413, b""),
    ],
    ids=["400", "210", "401", "429", "413"],
)
async def test_a_refusal_after_a_doubt_is_a_doubt(way: Way, last: Script) -> None:
    """Whatever the last attempt says, an earlier one may have been delivered (S9); hooks hear so."""
    hooks = Record()
    async with (
        fault_server(answer(500, b""), last) as server,
        open_client(way, server.url, retry=attempts(2), hooks=hooks) as client,
    ):
        with pytest.raises(APIError) as caught:
            await client.create_message(NOTE)
        assert caught.value.delivery == "in_doubt"
        assert [event.outcome for event in hooks.outcomes] == ["in_doubt"]
        assert len(server.complete) == 2


@frozen
class Acknowledgement:
    """A body that acknowledges, and what is read from it."""

    name: str
    body: bytes
    codes: tuple[str | None, ...] = ("CODE-1",)
    unknown: dict[str, tuple[str, ...]] = field(factory=dict)

    def __str__(self) -> str:
        return self.name


def acknowledged(response: object, code: object = 200) -> bytes:
    """Write an acknowledgement with this response."""
    return said(code, "OK", response)


ONE = {"Messages": ["CODE-1"]}
ACKNOWLEDGEMENTS = [
    Acknowledgement("200", acknowledged(ONE)),
    Acknowledgement("'200'", acknowledged(ONE, "200")),
    Acknowledgement("200.0", acknowledged(ONE, 200.0)),
    Acknowledgement("2e2", ACCEPTED.replace(b":200,", b":2e2,")),
    Acknowledgement("blanks around", b" \r\n" + ACCEPTED + b"\n "),
    Acknowledgement("extra fields", ACCEPTED[:-1] + b',"new":{"a":[1]}}'),
    Acknowledgement("response null", acknowledged(None), (None,)),
    Acknowledgement("response missing", b'{"status_code":200}', (None,)),
    Acknowledgement("response list", acknowledged([]), (None,)),
    Acknowledgement("response text", acknowledged("ok"), (None,)),
    Acknowledgement("Messages null", acknowledged({"Messages": None}), (None,)),
    Acknowledgement("Messages missing", acknowledged({}), (None,)),
    Acknowledgement("Messages []", acknowledged({"Messages": []}), (None,)),
    Acknowledgement("Messages text", acknowledged({"Messages": "CODE"}), (None,)),
    Acknowledgement("Messages object", acknowledged({"Messages": {"a": "b"}}), (None,)),
    Acknowledgement("code not text", acknowledged({"Messages": [5]}), (None,)),
    Acknowledgement("code null", acknowledged({"Messages": [None]}), (None,)),
    Acknowledgement("two codes", acknowledged({"Messages": ["A", "B"]}), (None,)),
    Acknowledgement("no code", acknowledged({"Messages": ["CODE_NOT_AVAILABLE"]}), (None,)),
    Acknowledgement(
        "unknown by code",
        acknowledged({**ONE, "UnknownDevices": {"CODE-1": ["d1", "d2"]}}),
        unknown={"CODE-1": ("d1", "d2")},
    ),
    Acknowledgement(
        "unknown under an empty key",
        acknowledged({"Messages": ["CODE_NOT_AVAILABLE"], "UnknownDevices": {"": ["d1"]}}),
        (None,),
        {"": ("d1",)},
    ),
    Acknowledgement(
        "unknown as a list", acknowledged({**ONE, "UnknownDevices": ["d1"]}), unknown={"": ("d1",)}
    ),
    Acknowledgement("unknown null", acknowledged({**ONE, "UnknownDevices": None})),
    Acknowledgement("unknown text", acknowledged({**ONE, "UnknownDevices": "d1"})),
    Acknowledgement(
        "unknown with odd values",
        acknowledged({**ONE, "UnknownDevices": {"a": None, "b": [1, None, "d1"]}}),
        unknown={"b": ("d1",)},
    ),
]


@pytest.mark.parametrize("case", ACKNOWLEDGEMENTS, ids=str)
@each_own_way
async def test_an_acknowledgement_is_accepted(way: Way, case: Acknowledgement) -> None:
    """Missing, null and odd fields never turn an acknowledgement into a doubt (S11 to S14)."""
    async with (
        fault_server(answer(200, case.body)) as server,
        open_client(way, server.url) as client,
    ):
        result = await client.create_message(NOTE)
        assert result.message_codes == case.codes
        assert dict(result.unknown_devices) == case.unknown
        assert result.transaction_ids == server.complete[0].transaction_ids


# Several notifications in one request -------------------------------------------------------------

PAIR = [Notification(content="One", users=["u1"]), Notification(content="Two", users=["u2"])]
BOTH = acknowledged({"Messages": ["CODE-1", "CODE-2"]})


@each_own_way
async def test_a_pack_with_a_code_for_each_is_accepted(way: Way) -> None:
    """Two notifications in one request, two codes: accepted, each with its own."""
    async with (
        fault_server(
            answer(200, acknowledged({"Messages": ["CODE-1", "CODE_NOT_AVAILABLE"]}))
        ) as server,
        open_client(way, server.url) as client,
    ):
        result = await client.create_message(PAIR)
        assert result.message_codes == ("CODE-1", None)
        assert result.transaction_ids == server.complete[0].transaction_ids
        assert len(set(result.transaction_ids)) == 2


@pytest.mark.parametrize(
    ("script", "error", "repeated"),
    [
        (answer(), UnexpectedResponseError, True),
        (answer(200, acknowledged({"Messages": ["A", "B", "C"]})), UnexpectedResponseError, True),
        (answer(200, acknowledged({"Messages": []})), UnexpectedResponseError, True),
        (answer(200, acknowledged(None)), UnexpectedResponseError, True),
        (answer(200, said(210)), InvalidRequestError, False),
        (answer(200, said(210, "Account not found")), AuthenticationError, False),
        (answer(400), InvalidRequestError, False),
        (answer(401), AuthenticationError, False),
        (answer(413), InvalidRequestError, False),
        (answer(429), RateLimitedError, True),
        (answer(200, said(429)), RateLimitedError, True),
        (answer(500), ServerError, True),
        (answer(307, headers=[("Location", "/")]), RedirectError, False),
    ],
    ids=[
        "one code for two",
        "three codes",
        "no codes",
        "no response",
        "210",
        "210 account",
        "400",
        "401",
        "413",
        "429",
        "body 429",
        "500",
        "307",
    ],
)
@each_own_way
async def test_a_pack_with_any_other_answer_is_in_doubt(
    way: Way, script: Script, error: type[APIError], repeated: bool
) -> None:
    """No refusal of several is clean: all in doubt, and what is repeated carries the same ids."""
    async with (
        fault_server(script, script, answer(200, BOTH)) as server,
        open_client(way, server.url, retry=attempts(1)) as client,
    ):
        with pytest.raises(error) as caught:
            await client.create_message(PAIR)
        assert caught.value.delivery == "in_doubt"
        assert caught.value.transaction_ids == server.complete[0].transaction_ids
    async with (
        fault_server(script, answer(200, BOTH)) as server,
        open_client(way, server.url, retry=attempts(2)) as client,
    ):
        if repeated:
            assert (await client.create_message(PAIR)).message_codes == ("CODE-1", "CODE-2")
            assert len({request.notifications for request in server.complete}) == 1
        else:
            with pytest.raises(error):
                await client.create_message(PAIR)
        assert len(server.complete) == 1 + repeated


# What an answer must not make the client do -------------------------------------------------------


@each_way
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["other host", "same host", "no Location", "bad Location"])
async def test_a_redirect_is_never_followed(way: Way, status: int, where: str) -> None:
    """The body holds the token: the host that a redirect names gets no byte of it (N24 to N26)."""
    async with fault_server() as other, fault_server() as server:
        location = {
            "other host": [("Location", f"{other.url}/json/1.3/createMessage")],
            "same host": [("Location", f"{server.url}/elsewhere")],
            "no Location": [],
            "bad Location": [("Location", "http://[")],
        }[where]
        server.play(answer(status, b"", location))
        async with open_client(way, server.url, retry=attempts(3)) as client:
            with pytest.raises(RedirectError) as caught:
                await client.create_message(NOTE)
            assert caught.value.delivery == "in_doubt"
            assert caught.value.http_status == status
            assert (other.connections, other.bytes_received) == (0, 0)
            assert len(server.requests) == 1


@each_way
async def test_an_interim_response_is_skipped(way: Way) -> None:
    """A 100 or 103 before the answer changes nothing."""
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with (
        fault_server(raw(interim + http())) as server,
        open_client(way, server.url) as client,
    ):
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)


@each_way
async def test_a_chunked_answer_is_read(way: Way) -> None:
    """Chunks and a trailer, as proxies send them, are an ordinary answer."""
    chunks = b"5\r\n%b\r\n%x\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n" % (
        ACCEPTED[:5],
        len(ACCEPTED) - 5,
        ACCEPTED[5:],
    )
    async with (
        fault_server(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        ) as server,
        open_client(way, server.url) as client,
    ):
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert (await client.create_message(NOTE)).message_codes == ("CODE-1",)
        assert server.connections == 1


@each_own_way
async def test_a_message_of_the_server_is_quoted_safely(way: Way) -> None:
    """Control characters, the token and anything over 500 characters stay out of the error."""
    text = "TOKEN-OF-THE-TESTS \x1b[31m\r\n" + "y" * 2000
    async with (
        fault_server(answer(200, said(210, text))) as server,
        open_client(way, server.url) as client,
    ):
        with pytest.raises(InvalidRequestError) as caught:
            await client.create_message(NOTE)
        quoted = caught.value.status_message
        assert quoted.startswith("[token] [31my")
        assert len(quoted) == 500
        assert "TOKEN-OF" not in str(caught.value)
