"""An audience that is empty, missing or not one sends nothing: never is it every subscriber.

Runs with such audiences are in adversity/inputs.
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import pytest
from adversity.story import Story
from connecting import Connect
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushwoosh_async import (
    ConfigurationError,
    Notification,
    PushwooshClient,
    SendReport,
)
from pushwoosh_async.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("bare_environment")

NOTE = Notification(content="Hi")
FROM = Notification.from_wire
IDS = [f"u{number}" for number in range(1001)]
ZONE = {"lat": 52.5, "lng": 13.4, "range": 100}

Refusal: TypeAlias = tuple[type[Exception], str]


def assert_untouched(sandbox: Sandbox) -> None:
    """Nothing reached the server: neither a request nor so much as a connection."""
    truth = sandbox.truth()
    assert (truth.requests, truth.broadcasts, truth.connections) == (0, 0, 0)


def assert_one_sentence(error: BaseException, argument: str) -> None:
    """The error begins with the argument's name and is one line."""
    text = str(error)
    assert text.startswith(argument), text
    assert "\n" not in text


# -- one message -------------------------------------------------------------------------------

REFUSED: dict[str, list[tuple[str, Callable[[], Any], Refusal]]] = {
    # An empty list is never written as an absent field.
    "I1": [
        ("no audience", lambda: NOTE, (ConfigurationError, "notification")),
        (
            "users empty",
            lambda: Notification(content="Hi", users=[]),
            (ConfigurationError, "users"),
        ),
        ("devices empty", lambda: Notification(devices=()), (ConfigurationError, "devices")),
        (
            "both empty",
            lambda: Notification(users=[], devices=[]),
            (ConfigurationError, "notificat"),
        ),
        (
            "conditions empty",
            lambda: Notification(conditions=[]),
            (ConfigurationError, "conditions"),
        ),
        (
            "conditions empty in a zone",
            lambda: FROM({"conditions": [], "geozone": ZONE}),
            (ConfigurationError, "conditions"),
        ),
        ("filter blank", lambda: Notification(filter=" "), (ConfigurationError, "filter")),
        ("filter empty", lambda: FROM({"filter": ""}), (ConfigurationError, "filter")),
        ("geozone empty", lambda: FROM({"geozone": {}}), (ConfigurationError, "geozone.lat")),
    ],
    # None is no audience.
    "I2": [
        ("users None", lambda: Notification(users=None), (ConfigurationError, "notification")),
        ("users null", lambda: FROM({"users": None}), (ConfigurationError, "extra")),
        ("devices null", lambda: FROM({"devices": None}), (ConfigurationError, "extra")),
        (
            "filter null",
            lambda: FROM({"filter": None, "users": ["u"]}),
            (ConfigurationError, "extra"),
        ),
        ("no message", lambda: None, (TypeError, "notification")),
        ("list of nothing", list, (ConfigurationError, "notification")),
        ("list with None", lambda: [FROM({"users": ["u"]}), None], (TypeError, "notification")),
        (
            "list with one empty",
            lambda: [FROM({"users": ["u"]}), NOTE],
            (ConfigurationError, "notif"),
        ),
    ],
    # A str is a sequence of letters, bytes of numbers, a dict of its keys.
    "I3": [
        ("users str", lambda: Notification(users="u1"), (TypeError, "users")),
        ("users bytes", lambda: Notification(users=b"u1"), (TypeError, "users")),  # type: ignore[arg-type]
        ("users dict", lambda: Notification(users={"u": 1}), (TypeError, "users")),  # type: ignore[arg-type]
        ("users set", lambda: Notification(users={"u"}), (TypeError, "users")),  # type: ignore[arg-type]
        ("users iterator", lambda: Notification(users=iter("u")), (TypeError, "users")),  # type: ignore[arg-type]
        ("users str on the wire", lambda: FROM({"users": "u1"}), (ConfigurationError, "users")),
    ],
    # Only a str is an id.
    "I4": [
        ("id int", lambda: Notification(users=["u", 7]), (TypeError, "users[1]")),  # type: ignore[list-item]
        ("id None", lambda: Notification(users=[None]), (TypeError, "users[0]")),  # type: ignore[list-item]
        ("id bytes", lambda: Notification(devices=[b"d"]), (TypeError, "devices[0]")),  # type: ignore[list-item]
        ("id list", lambda: Notification(devices=[["d"]]), (TypeError, "devices[0]")),  # type: ignore[list-item]
    ],
    # An id is something visible, without blanks at its ends, that can be encoded.
    "I5": [
        ("id empty", lambda: Notification(users=["u", ""]), (ConfigurationError, "users[1]")),
        ("id blank", lambda: Notification(users=[" "]), (ConfigurationError, "users[0]")),
        ("id invisible", lambda: Notification(users=["\u200b"]), (ConfigurationError, "users[0]")),
        ("id padded", lambda: Notification(users=["u "]), (ConfigurationError, "users[0]")),
        (
            "id with newline",
            lambda: Notification(devices=["u\n"]),
            (ConfigurationError, "devices[0]"),
        ),
    ],
    "I8": [
        ("id half", lambda: Notification(users=["\ud800"]), (ConfigurationError, "users[0]")),
    ],
    "I10": [
        ("id long", lambda: Notification(users=["x" * 1025]), (ConfigurationError, "users[0]")),
    ],
    # The API takes a thousand.
    "I6": [
        ("1001 users", lambda: Notification(users=IDS), (ConfigurationError, "users")),
        ("1001 devices", lambda: Notification(devices=IDS), (ConfigurationError, "devices")),
    ],
    # Of two audiences the server ignores one, and who knows which.
    "I19": [
        (
            "users and devices",
            lambda: Notification(users=["u"], devices=["d"]),
            (ConfigurationError, "notification"),
        ),
        (
            "users and filter",
            lambda: Notification(users=["u"], filter="f"),
            (ConfigurationError, "notification"),
        ),
        (
            "devices and conditions",
            lambda: Notification(devices=["d"], conditions=[("A", "ANY")]),
            (ConfigurationError, "notification"),
        ),
        (
            "users and empty devices",
            lambda: Notification(users=["u"], devices=[]),
            (ConfigurationError, "notification"),
        ),
        (
            "filter and conditions",
            lambda: Notification(filter="f", conditions=[("A", "ANY")]),
            (ConfigurationError, "notification"),
        ),
        *(
            (
                f"{kind} and geozone",
                lambda kind=kind: FROM({kind: ["u"], "geozone": {"lat": 1, "lng": 2, "range": 3}}),
                (ConfigurationError, "notification"),
            )
            for kind in ("users", "devices")
        ),
    ],
}

REFUSED_TOO: list[tuple[str, Callable[[], Any], Refusal]] = [
    # `extra` is for what the class does not know: not for an audience, nor for the envelope.
    ("extra users", lambda: Notification(extra={"users": ["u"]}), (ConfigurationError, "extra")),
    (
        "extra empty users beside users",
        lambda: Notification(users=["u"], extra={"users": []}),
        (ConfigurationError, "extra"),
    ),
    ("extra devices", lambda: Notification(extra={"devices": []}), (ConfigurationError, "extra")),
    ("extra auth", lambda: FROM({"users": ["u"], "auth": "x"}), (ConfigurationError, "extra")),
    (
        "extra application",
        lambda: FROM({"users": ["u"], "application": "x"}),
        (ConfigurationError, "extra"),
    ),
    (
        "extra group",
        lambda: FROM({"users": ["u"], "applications_group": None}),
        (ConfigurationError, "extra"),
    ),
    (
        "extra notifications",
        lambda: FROM({"users": ["u"], "notifications": [{}]}),
        (ConfigurationError, "notifications"),
    ),
    (
        "extra transaction id",
        lambda: Notification(users=["u"], extra={"transactionId": "x"}),
        (ConfigurationError, "extra"),
    ),
    # Two under one id: the server would drop the second.
    (
        "same transaction id twice",
        lambda: [Notification(users=["u"], transaction_id="T")] * 2,
        (ConfigurationError, "transaction_id"),
    ),
    (
        "1001 messages",
        lambda: [Notification(users=["u"])] * 1001,
        (ConfigurationError, "notification"),
    ),
]


async def assert_not_sent(
    client: PushwooshClient, make: Callable[[], Any], refusal: Refusal
) -> Exception:
    """Made or sent, it is refused by name."""
    kind, argument = refusal
    with pytest.raises(kind) as caught:
        await client.create_message(make())
    assert type(caught.value) is kind
    assert_one_sentence(caught.value, argument)
    return caught.value


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        pytest.param(make, refusal, id=name, marks=pytest.mark.row(row))
        for row, messages in REFUSED.items()
        for name, make, refusal in messages
    ],
)
async def test_message_without_a_sound_audience_is_never_sent(
    sandbox: Sandbox, connect: Connect, story: Story, make: Callable[[], Any], refusal: Refusal
) -> None:
    """Made or sent, it is refused by name, and no request leaves."""
    error = await assert_not_sent(connect(sandbox), make, refusal)
    assert_untouched(sandbox)
    connections = sandbox.truth().connections
    story.saw(f"one message: {type(error).__name__}, {connections} connections")
    story.check("G1", "G2", "G3", by="no connection to the server")


@pytest.mark.parametrize(("make", "refusal"), [row[1:] for row in REFUSED_TOO],
                         ids=[row[0] for row in REFUSED_TOO])  # fmt: skip
async def test_message_that_is_another_by_what_it_holds_is_never_sent(
    sandbox: Sandbox, connect: Connect, make: Callable[[], Any], refusal: Refusal
) -> None:
    """The same where a field or an id is smuggled in, or stands there twice."""
    await assert_not_sent(connect(sandbox), make, refusal)
    assert_untouched(sandbox)


@pytest.mark.parametrize("fields", [{"users": ["u"]}, {"devices": ["d"]}])
async def test_group_takes_no_list_of_ids(
    sandbox: Sandbox, connect: Connect, fields: dict[str, Any]
) -> None:
    """The API ignores the list for a group of applications, so it is refused before it is sent."""
    client = connect(sandbox, application=None, applications_group="GGGGG-GGGGG")
    [name] = fields
    with pytest.raises(ConfigurationError) as caught:
        await client.create_message(Notification(**fields))
    assert_one_sentence(caught.value, f"{name}: not allowed with applications_group")
    with pytest.raises(ConfigurationError) as caught:
        client.fan_out(NOTE, **fields)
    assert_one_sentence(caught.value, f"{name}: not allowed with applications_group")
    assert_untouched(sandbox)


@pytest.mark.parametrize("count", [1, 1000])
async def test_one_to_a_thousand_ids_are_fine(
    sandbox: Sandbox, connect: Connect, count: int
) -> None:
    """The bounds themselves are sent, and reach exactly these."""
    await connect(sandbox).create_message(Notification(content="Hi", users=IDS[:count]))
    truth = sandbox.truth()
    assert (truth.recipients, truth.deliveries, truth.broadcasts) == (count, count, 0)


# -- many messages -----------------------------------------------------------------------------


async def test_source_of_nothing_but_invalid_ids_sends_nothing(
    sandbox: Sandbox, connect: Connect
) -> None:
    """What is dropped is counted, and what remains, nobody, is not everybody."""
    bad = ["", " ", "u\n", "\u200b", "\ud800", "x" * 1025] * 300
    report = await connect(sandbox).fan_out(NOTE, users=iter(bad), invalid="drop")
    assert report == SendReport(invalid=len(bad), seconds=report.seconds)
    assert_untouched(sandbox)


async def test_repeated_ids_are_sent_to_once_and_not_again(
    sandbox: Sandbox, connect: Connect
) -> None:
    """A source of one id a thousand times over is one message to one user."""
    report = await connect(sandbox).fan_out(NOTE, users=["u1"] * 2500, dedupe=True)
    assert (report.accepted, report.duplicates, report.total) == (1, 2499, 2500)
    assert (sandbox.truth().requests, sandbox.truth().deliveries) == (1, 1)


NO_TEMPLATE: list[tuple[str, Callable[[], Any], Refusal]] = [
    ("users", lambda: Notification(users=["u"]), (ConfigurationError, "notification: fan_out")),
    ("empty users", lambda: Notification(users=[]), (ConfigurationError, "notification: fan_out")),
    ("devices", lambda: Notification(devices=["d"]), (ConfigurationError, "notification: fan_")),
    ("filter", lambda: Notification(filter="f"), (ConfigurationError, "notification: fan_out")),
    ("no conditions", lambda: Notification(conditions=[]), (ConfigurationError, "notification: ")),
    ("zone", lambda: FROM({"geozone": ZONE}), (ConfigurationError, "notification: fan_out")),
    ("null users", lambda: FROM({"users": None}), (ConfigurationError, "extra")),
    ("null devices", lambda: FROM({"devices": None}), (ConfigurationError, "extra")),
    ("auth", lambda: FROM({"auth": "x"}), (ConfigurationError, "extra")),
    ("application", lambda: FROM({"application": "x"}), (ConfigurationError, "extra")),
    ("null id", lambda: FROM({"transactionId": None}), (ConfigurationError, "extra")),
    ("transaction id", lambda: Notification(transaction_id="T"), (ConfigurationError, "notific")),
    ("None", lambda: None, (TypeError, "notification")),
    ("dict", lambda: {"content": "Hi"}, (TypeError, "notification")),
    ("list", lambda: [NOTE], (TypeError, "notification")),
]


@pytest.mark.parametrize(("make", "refusal"), [row[1:] for row in NO_TEMPLATE],
                         ids=[row[0] for row in NO_TEMPLATE])  # fmt: skip
async def test_template_with_an_audience_or_an_id_of_its_own_is_refused(
    sandbox: Sandbox, connect: Connect, make: Callable[[], Any], refusal: Refusal
) -> None:
    """A run names the audience itself, and each chunk gets its own id."""
    kind, argument = refusal
    with pytest.raises(kind) as caught:
        connect(sandbox).fan_out(make(), users=["u1"])
    assert type(caught.value) is kind
    assert_one_sentence(caught.value, argument)
    assert_untouched(sandbox)


# -- everybody ---------------------------------------------------------------------------------

NO_BROADCAST: list[tuple[str, Callable[[], Any], Any, Refusal]] = [
    ("empty confirm", lambda: NOTE, "", (ConfigurationError, "confirm")),
    ("other confirm", lambda: NOTE, "YYYYY-YYYYY", (ConfigurationError, "confirm")),
    ("lower case", lambda: NOTE, "xxxxx-xxxxx", (ConfigurationError, "confirm")),
    ("padded", lambda: NOTE, "XXXXX-XXXXX ", (ConfigurationError, "confirm")),
    ("True", lambda: NOTE, True, (TypeError, "confirm")),
    ("None", lambda: NOTE, None, (TypeError, "confirm")),
    (
        "users",
        lambda: Notification(users=["u"]),
        "XXXXX-XXXXX",
        (ConfigurationError, "notification: broadcast"),
    ),
    (
        "empty users",
        lambda: Notification(users=[]),
        "XXXXX-XXXXX",
        (ConfigurationError, "notification: broadcast"),
    ),
    (
        "empty conditions",
        lambda: Notification(conditions=[]),
        "XXXXX-XXXXX",
        (ConfigurationError, "notification: broadcast"),
    ),
    ("null users", lambda: FROM({"users": None}), "XXXXX-XXXXX", (ConfigurationError, "extra")),
    ("extra auth", lambda: FROM({"auth": "x"}), "XXXXX-XXXXX", (ConfigurationError, "extra")),
    ("None message", lambda: None, "XXXXX-XXXXX", (TypeError, "notification")),
    ("list", lambda: [NOTE], "XXXXX-XXXXX", (TypeError, "notification")),
]


@pytest.mark.row("R18")
@pytest.mark.parametrize(("make", "confirm", "refusal"), [row[1:] for row in NO_BROADCAST],
                         ids=[row[0] for row in NO_BROADCAST])  # fmt: skip
async def test_broadcast_needs_its_seat_belt(
    sandbox: Sandbox,
    connect: Connect,
    make: Callable[[], Any],
    confirm: Any,
    refusal: Refusal,
    story: Story,
) -> None:
    """Another code, or an audience, is refused and no request leaves."""
    kind, argument = refusal
    with pytest.raises(kind) as caught:
        await connect(sandbox).broadcast(make(), confirm=confirm)
    assert type(caught.value) is kind
    assert_one_sentence(caught.value, argument)
    assert_untouched(sandbox)
    story.saw(f"{type(caught.value).__name__}, {sandbox.truth().requests} requests")


async def test_group_confirms_with_its_own_code(sandbox: Sandbox, connect: Connect) -> None:
    """The code to confirm is the one that would be sent to."""
    client = connect(sandbox, application=None, applications_group="GGGGG-GGGGG")
    with pytest.raises(ConfigurationError, match=re.escape("every subscriber of GGGGG-GGGGG")):
        await client.broadcast(NOTE, confirm="XXXXX-XXXXX")
    assert_untouched(sandbox)
    await client.broadcast(NOTE, confirm="GGGGG-GGGGG")
    assert sandbox.truth().broadcasts == 1


async def test_call_without_an_application_sends_nothing(
    sandbox: Sandbox, connect: Connect
) -> None:
    """Whatever needs an application says so before it sends."""
    client = connect(sandbox, application=None)
    calls: list[Callable[[], Any]] = [
        lambda: client.create_message(Notification(users=["u"])),
        lambda: client.broadcast(NOTE, confirm="XXXXX-XXXXX"),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError) as caught:
            await call()
        assert_one_sentence(caught.value, "application: ")
    with pytest.raises(ConfigurationError) as caught:
        client.fan_out(NOTE, users=["u"])
    assert_one_sentence(caught.value, "application: ")
    assert_untouched(sandbox)


# -- whatever a model may hold -----------------------------------------------------------------

_IDS = st.lists(st.sampled_from(["u1", "u2", "", " ", "\u200b"]), max_size=3)
_NAMES = st.sampled_from(
    ["users", "devices", "filter", "conditions", "geozone", "content", "send_date", "transactionId",
     "auth", "application", "applications_group", "notifications", "Users", "users ", "preset",
     "platforms", "conditions_operator", "data"]
)  # fmt: skip
_CONDITIONS = st.lists(
    st.one_of(
        st.just(["Age", "EQ", 5]), st.just(["Age", "ANY"]), st.just([]), st.just([None, "EQ", ""])
    ),
    max_size=2,
)
_VALUES = st.one_of(
    st.none(),
    _IDS,
    _CONDITIONS,
    st.sampled_from(["", " ", "now", "T", "XXXXX-XXXXX", "{}"]),
    st.booleans(),
    st.integers(-1, 1),
    st.sampled_from([{}, ZONE, {"lat": None, "lng": None, "range": None}, {"users": []}]),
)


def _held(mapping: dict[str, Any]) -> Notification | None:
    try:
        return Notification.from_wire(mapping)
    except ConfigurationError:
        return None


held = st.dictionaries(_NAMES | st.text(max_size=5), _VALUES, max_size=6).map(_held)
somebody = held.filter(lambda one: one is not None)


async def _outcome(client: PushwooshClient, notification: Any) -> type[BaseException] | None:
    try:
        await client.create_message(notification)
    except Exception as error:  # noqa: BLE001 -- which of them is what is asked
        return type(error)
    return None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(batches=st.lists(st.lists(somebody, min_size=1, max_size=3), min_size=1, max_size=8))
async def test_no_message_that_a_model_can_hold_is_a_broadcast(
    batches: Sequence[Sequence[Notification]],
) -> None:
    """Whatever came from a wire, sent alone or with others, never reaches every subscriber."""
    async with (
        Sandbox() as sandbox,
        PushwooshClient(
            api_token="sandbox-token",
            application="XXXXX-XXXXX",
            base_url=sandbox.url,
            rate_limit=None,
        ) as client,
    ):
        for batch in batches:
            await _outcome(client, batch[0] if len(batch) == 1 else batch)
        assert sandbox.truth().broadcasts == 0


@settings(max_examples=60, deadline=None)
@given(template=somebody, ids=st.lists(_IDS, max_size=3), drop=st.booleans())
async def test_no_run_is_a_broadcast(
    template: Notification, ids: list[list[str]], drop: bool
) -> None:
    """Whatever the template and whatever the pages of ids, a run reaches only who is named."""
    named = {name for page in ids for name in page}

    async def pages() -> AsyncIterator[list[str]]:
        for page in ids:
            yield page

    async with (
        Sandbox() as sandbox,
        PushwooshClient(
            api_token="sandbox-token",
            application="XXXXX-XXXXX",
            base_url=sandbox.url,
            rate_limit=None,
        ) as client,
    ):
        with suppress(Exception):  # refused is well: see what was sent
            await client.fan_out(template, users=pages(), invalid="drop" if drop else "raise")
        assert sandbox.truth().broadcasts == 0
        assert set(sandbox.ledger.counts()) <= named
