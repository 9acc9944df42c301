"""Answers, texts and delays from a server, made harmless."""

import json
import time
import unicodedata
from collections.abc import Iterator
from email.utils import format_datetime, formatdate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.methods import MAX_REPLY
from pushwoosh_async._wire.reply import (
    MAX_RETRY_AFTER,
    MAX_TEXT,
    Reply,
    clean,
    parse_object,
    retry_after,
)

TOKEN = Secret("canary-token", "api_token")
NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT: the example of RFC 9110


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("5", 5.0),
        ("0", 0.0),
        ("  5\t", 5.0),
        ("007", 7.0),
        ("300", 300.0),
        ("301", MAX_RETRY_AFTER),
        ("1000000000000", MAX_RETRY_AFTER),
        ("9" * 400, MAX_RETRY_AFTER),
        ("9" * 5000, MAX_RETRY_AFTER),
        ("1e12", None),
        ("-5", None),
        ("1.5", None),
        ("+5", None),
        ("", None),
        ("   ", None),
        ("soon", None),
        ("5, 10", None),
        ("5 10", None),
        ("\u0665", None),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
        ("  Sun, 06 Nov 1994 08:50:37 GMT ", 60.0),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60.0),
        ("Sun, 06 Nov 1994 09:50:37 +0100", 60.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER),
        ("Sun, 06 Nov 1994 25:61:61 GMT", None),
        ("Sun, 32 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 99999 08:49:37 GMT", None),
    ],
)
def test_retry_after_is_read_or_ignored(value: str | None, seconds: float | None) -> None:
    """Seconds or a date, from zero to 300 seconds; what is neither counts as absent."""
    assert retry_after(value, NOW) == seconds


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Tokyo"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Put the machine into a time zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 06 Nov 1994 08:50:37 GMT",
        "Sunday, 06-Nov-94 08:50:37 GMT",
        "Sun Nov  6 08:50:37 1994",
        "Sun, 06 Nov 1994 08:50:37 -0000",
    ],
)
def test_dates_are_in_gmt_wherever_the_machine_stands(zone: str, value: str) -> None:
    """All three date forms of HTTP mean GMT (RFC 9110 5.6.7), one of them without saying so."""
    assert retry_after(value, NOW) == 60.0


@given(st.integers(0, 4_000_000_000), st.floats(0, 4e9))
def test_any_date_is_the_time_until_it(when: int, now: float) -> None:
    """A date counts from now: not below zero, not above 300."""
    assert retry_after(formatdate(when, usegmt=True), now) == min(max(when - now, 0.0), 300.0)


@given(st.datetimes(timezones=st.timezones()), st.floats(0, 4e9))
@example(None, 0.0)
def test_any_date_of_any_zone_is_bounded(when: object, now: float) -> None:
    """A year 1 or 9999 anywhere on earth does not raise."""
    text = "Mon, 01 Jan 0001 00:00:00 +2359" if when is None else format_datetime(when)  # type: ignore[arg-type]
    seconds = retry_after(text, now)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER


@given(st.text() | st.text("0123456789 ,:+-GMTJanSu", max_size=40), st.floats(0, 4e9))
def test_any_text_is_a_bounded_delay_or_none(value: str, now: float) -> None:
    """Nothing that a header can hold raises or delays for longer than a window."""
    seconds = retry_after(value, now)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER


@pytest.mark.parametrize("value", [None, 5, ["a"], {"a": 1}, True, b"bytes"])
def test_only_a_str_is_a_text(value: object) -> None:
    """Anything else reads as empty."""
    assert clean(value, TOKEN.redact) == ""


@given(st.text())
@example("a\u200bb\x00c\x1b[31m\u202ed\r\n\ud800\u2028e\u2029")
def test_nothing_invisible_is_left(text: str) -> None:
    """Controls, format characters, surrogates and ends of lines go, all else stays in order."""
    cleaned = clean(text, str)
    kept = (c for c in text if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029")
    assert cleaned == "".join(kept)[:MAX_TEXT]
    assert all(c.isprintable() or unicodedata.category(c) == "Zs" for c in cleaned)
    assert len(cleaned.splitlines()) <= 1


def leaked(text: str) -> bool:
    """Tell whether a cleaned text shows a part of the token that a reader could use."""
    cleaned = clean(text, TOKEN.redact)
    assert len(cleaned) <= MAX_TEXT
    return "canary" in cleaned


@given(
    st.text(max_size=700),
    st.lists(st.sampled_from(["", "\x00", "\u200b", "\r\n", "\x1b"]), min_size=12, max_size=12),
    st.text(max_size=20),
)
def test_token_is_gone_however_it_is_split(before: str, gaps: list[str], after: str) -> None:
    """A token with controls between its letters leaves no part of itself."""
    split = "".join(letter + gap for letter, gap in zip(TOKEN.reveal(), gaps, strict=True))
    assert not leaked(before + split + after)


@pytest.mark.parametrize("filler", ["x", "\x00", "\u200b"], ids=ascii)
def test_token_across_a_limit_leaves_no_part_of_itself(filler: str) -> None:
    """Wherever a long text is cut, the token is redacted before or gone whole."""
    shown = [n for n in range(6 * MAX_TEXT, 9 * MAX_TEXT) if leaked(filler * n + TOKEN.reveal())]
    shown += [n for n in range(MAX_TEXT - 20, MAX_TEXT + 20) if leaked(filler * n + TOKEN.reveal())]
    assert shown == []


def test_reply_does_not_show_its_body() -> None:
    """An answer may echo a request."""
    assert "canary" not in repr(Reply(200, {"x": "canary"}, b"canary"))


def naming(ids: list[str]) -> bytes:
    """Write an acceptance that calls these ids unknown."""
    response = {"Messages": ["A"], "UnknownDevices": {"": ids}}
    return json.dumps({"status_code": 200, "status_message": "OK", "response": response}).encode()


@pytest.mark.parametrize("mark", [":", "{[", '\\"{', '"', "\\"])
def test_ids_may_hold_what_answers_are_built_of(mark: str) -> None:
    """A thousand of the longest, of nothing else, are no reason to doubt an acceptance."""
    ids = [mark * (1000 // len(mark))] * 1000
    body = naming(ids)
    found = parse_object(Reply(200, {}, body, 3 * MAX_REPLY))
    assert found is not None
    assert found["response"]["UnknownDevices"] == {"": ids}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 80_000 + b"1" + b"}" * 80_000,
        b"[" + b"{}," * 300_000 + b"{}]",
        b'{"a":"' + b'\\"[' * 300_000,
        b'"' + b"[" * 900_000,
        b'{"a":[' + b"{}," * 300_000 + b"{}]}",
        b'{"' + b'":"' * 300_000,
    ],
)
def test_what_is_built_of_little_else_is_refused_soon(body: bytes) -> None:
    """Also where a text in it never ends, so that none of it can be left out."""
    began = time.thread_time()
    assert parse_object(Reply(200, {}, body)) is None
    assert time.thread_time() - began < 0.5
