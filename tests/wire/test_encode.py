"""Bytes: spliced is encoded, pieces are the whole, the token is last, nothing shows."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError, Geozone, Notification
from pushwoosh_async._secret import MAX_TOKEN, Secret
from pushwoosh_async._wire.encode import (
    PIECE,
    Body,
    Target,
    encode,
    envelope,
    template,
)
from pushwoosh_async._wire.identity import encode_ids
from pushwoosh_async._wire.methods import MAX_BODY_BYTES

TARGET = Target("application", "AAAAA-BBBBB")
TOKEN = Secret("the-token", "api_token")
texts = st.text(st.characters(codec="utf-8"))
ids = st.lists(texts.filter(lambda text: text.strip() != ""), min_size=1, max_size=5)
localised = texts | st.dictionaries(st.sampled_from(["en", "de", "ja"]), texts, min_size=1)
# Integers beyond 64 bits are none of an encoder's business: a model refuses them or not.
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=6
)


@st.composite
def notifications(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of a notification without an audience, of several kinds of fields."""
    optional = {
        "content": localised,
        "title": localised,
        "data": st.dictionaries(texts, values),
        "platforms": st.lists(st.integers(1, 20)),
        "geozone": st.just(Geozone(lat=1.5, lng=-2.0, range=100)),
        "send_date": st.just("2030-01-01 10:00"),
        "ignore_user_timezone": st.booleans(),
        "extra": st.dictionaries(texts.map(lambda text: f"x_{text}"), values, max_size=3),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(optional)), unique=True))
    return {name: draw(optional[name]) for name in chosen}


def unique_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, and fail where a name comes twice."""
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def parse(parts: Iterable[bytes]) -> Any:
    """Read JSON with the standard library, another reader than the one that wrote it."""
    return json.loads(b"".join(parts).decode("utf-8"), object_pairs_hook=unique_object)


@given(notifications(), ids, st.sampled_from(["users", "devices"]))
@example({}, ["u"], "users")
def test_spliced_notification_is_the_encoded_one(
    arguments: dict[str, Any], whom: list[str], kind: str
) -> None:
    """Ids put into the hole of a template give the object that encoding all at once gives."""
    spliced = template(Notification(**arguments)).splice(kind, encode_ids(whom), "tid-1")
    whole = encode(Notification(**{**arguments, kind: whom}), "tid-1")
    assert parse(spliced) == parse(whole)
    assert parse(spliced)[kind] == whom
    assert parse(spliced)["transactionId"] == "tid-1"


@given(texts, texts)
@example('\x00\x1f\u2028\u2029"\\/\u007f\ufeff', "</script>\U0001f642")
def test_every_text_survives(content: str, user: str) -> None:
    """Controls, quotes, separators and letters of any script are read back as they were written."""
    spliced = template(Notification(content=content)).splice("users", encode_ids([user]), "t")
    assert parse(spliced) == {
        "send_date": "now",
        "content": content,
        "transactionId": "t",
        "users": [user],
    }


def test_same_template_gives_the_same_bytes() -> None:
    """A repeat is identical byte for byte (A2)."""
    made = template(Notification(content={"en": "Hi"}))
    again = template(Notification(content={"en": "Hi"}))
    assert made.splice("users", encode_ids(["a", "b"]), "t") == made.splice(
        "users", encode_ids(("a", "b")), "t"
    )
    assert made.splice("users", encode_ids(["a"]), "t") == again.splice(
        "users", encode_ids(["a"]), "t"
    )
    assert made.digest == again.digest
    assert made.digest != template(Notification(content={"en": "Ho"})).digest


def test_send_date_is_always_sent() -> None:
    """The server wants a date; the caller's own goes before the default."""
    assert parse(encode(Notification(users=["u"]), "t"))["send_date"] == "now"
    dated = Notification(users=["u"], send_date="2030-01-01 10:00", ignore_user_timezone=True)
    assert parse(encode(dated, "t"))["send_date"] == "2030-01-01 10:00"


@pytest.mark.parametrize("target", [TARGET, Target("applications_group", 'odd"code\\')])
def test_request_is_the_envelope_around_its_notifications(target: Target) -> None:
    """Target, notifications in order, and the token."""
    one, two = (encode(Notification(users=[name]), f"t-{name}") for name in ("a", "b"))
    body = parse(envelope(target, [one, two]).pieces(TOKEN))
    assert body == {
        "request": {
            target.key: target.code,
            "notifications": [parse(one), parse(two)],
            "auth": "the-token",
        }
    }


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1))
def test_token_is_the_last_value_in_the_body(token: str) -> None:
    """Everything before the token is the part that all attempts share."""
    body = envelope(TARGET, [(b"{}",)])
    complete = b"".join(body.pieces(Secret(token, "api_token")))
    shared = b"".join(body.pieces(TOKEN)).removesuffix(b'"the-token"}}')
    assert len(shared) == body.size + len(b',"auth":')
    assert complete == shared + json.dumps(token).encode() + b"}}"


@pytest.mark.parametrize("show", [repr, str, "{}".format])
def test_nothing_shows_what_a_body_holds(show: Any) -> None:
    """Neither a body nor a template shows text or recipients."""
    made = template(Notification(content="canary-text"))
    body = envelope(TARGET, [made.splice("users", encode_ids(["canary-user"]), "t")])
    assert "canary" not in show(body)
    assert "canary" not in show(made)


TAIL = len(b',"auth":"the-token"}}')


def assert_cut_well(size: int) -> None:
    """Check the pieces of a body of so many bytes."""
    data = b"x" * (size - TAIL)
    cut = Body((data,), len(data)).pieces(TOKEN)
    assert b"".join(cut) == data + b',"auth":"the-token"}}'
    assert all(0 < len(piece) <= PIECE for piece in cut)
    assert len(cut[-1]) == 1


@pytest.mark.parametrize("around", [0, PIECE, 2 * PIECE, 15 * PIECE])
@pytest.mark.parametrize("offset", range(-2, 4))
def test_pieces_are_the_body_and_the_last_is_one_byte(around: int, offset: int) -> None:
    """At every edge: at most 64 KiB each, none empty, the last byte alone."""
    assert PIECE == 64 * 1024
    assert_cut_well(max(around + offset, TAIL + around % 7))


@given(st.integers(TAIL, 300_000))
def test_pieces_of_any_size(size: int) -> None:
    """The same for any size."""
    assert_cut_well(size)


@given(st.lists(st.binary(max_size=40_000), max_size=8))
def test_pieces_do_not_depend_on_the_parts(parts: list[bytes]) -> None:
    """However a body is kept, the same bytes are cut at the same places."""
    whole = b"".join(parts)
    kept = Body(tuple(parts), len(whole))
    assert kept.pieces(TOKEN) == Body((whole,), len(whole)).pieces(TOKEN)


def test_body_beyond_the_apis_limit_is_refused() -> None:
    """Over 10 MB nothing is built; the error names the size and the limit."""
    large = b'{"a":"' + b"x" * MAX_BODY_BYTES + b'"}'
    with pytest.raises(ConfigurationError, match=r"^notification: .*10000000$") as caught:
        envelope(TARGET, [(large,)])
    assert caught.value.delivery == "not_sent"


@settings(max_examples=30, deadline=None)
@given(st.integers(MAX_BODY_BYTES - 5000, MAX_BODY_BYTES + 10))
def test_no_body_that_passes_reaches_the_limit(size: int) -> None:
    """What passes stays under 10 MB with the longest token."""
    try:
        body = envelope(TARGET, [(b"x" * size,)])
    except ConfigurationError:
        assert size > MAX_BODY_BYTES - 3000, "refused long before the limit"
    else:
        token = Secret('"' * MAX_TOKEN, "api_token")  # each needs an escape
        assert sum(map(len, body.pieces(token))) < MAX_BODY_BYTES
        assert body.size == sum(map(len, body.pieces(TOKEN))) - TAIL
