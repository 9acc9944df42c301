"""The token comes out of `reveal()` and nowhere else."""

import copy
import html
import json
import pickle
import pprint
import string
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import attrs
import pytest
from adversity.story import Story
from hypothesis import given, settings
from hypothesis import strategies as st

from pushwoosh_async import ConfigurationError, PushwooshClient
from pushwoosh_async._secret import MAX_TOKEN, Secret
from pushwoosh_async._transport.exchange import Post
from pushwoosh_async._wire.encode import Body, Target, envelope

CANARY = "canary-4f1d7b-token"
BODY = Body((b"{",), 1)


def secret() -> Secret:
    """Wrap the canary."""
    return Secret(CANARY, "api_token")


def test_reveal_gives_the_token() -> None:
    """The one way out."""
    assert secret().reveal() == CANARY


@pytest.mark.row("R1")
@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        format,
        ascii,
        "{0} {0!r} {0!s} {0:>40}".format,
        lambda value: f"{value:.3} {value=}",
        lambda value: "%s %r" % (value, value),  # noqa: UP031 -- a way to format like any other
        pprint.pformat,
        lambda value: repr([value, {"token": value}]),
        lambda value: json.dumps({"token": value}, default=str),
        lambda value: repr(Post("/path", BODY, value, 1.0)),
        lambda value: repr(attrs.asdict(Post("/path", BODY, value, 1.0))),
        lambda value: repr(attrs.astuple(Post("/path", BODY, value, 1.0))),
    ],
)
def test_no_way_of_showing_shows_it(show: Callable[[Any], str], story: Story) -> None:
    """Representations, formats and dumps of it, and of what holds it, do not have the token."""
    shown = show(secret())
    assert CANARY not in shown
    assert CANARY[:8] not in shown
    story.saw(f"{shown.count(CANARY[:8])} tokens in what formatting gives")


@pytest.mark.row("R1")
@pytest.mark.parametrize(
    "duplicate",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        lambda value: pickle.dumps([value], protocol=0),
        lambda value: copy.deepcopy({"token": value}),
        lambda value: pickle.dumps(Post("/path", BODY, value, 1.0)),
        vars,
        hash,
        json.dumps,
        iter,
        len,
    ],
)
def test_it_refuses_to_be_taken_apart(duplicate: Callable[[Any], object], story: Story) -> None:
    """It cannot be pickled, copied, hashed, iterated or looked into; the refusal does not show it."""
    with pytest.raises(TypeError) as caught:
        duplicate(secret())
    assert CANARY not in str(caught.value)
    story.saw(f"{type(caught.value).__name__} where it is copied, pickled or hashed")


def test_it_equals_its_equal_only() -> None:
    """Two secrets of one token are equal; a bare str never is."""
    assert secret() == secret()
    assert secret() != Secret("another", "api_token")
    assert secret() != CANARY
    assert secret() != CANARY


# What nothing is escaped by: a backslash before the token would go with it.
plain = st.text(st.characters(exclude_characters="\\%&"))


@given(plain, st.text())
def test_redaction_leaves_no_trace(before: str, after: str) -> None:
    """A text that holds the token has a mark in its place."""
    cleaned = secret().redact(f"{before}{CANARY}{after}")
    assert CANARY not in cleaned
    assert cleaned == f"{before}[token]{after}"


VISIBLE = string.ascii_letters + string.digits + string.punctuation
tokens = st.text(VISIBLE, min_size=1, max_size=MAX_TOKEN)


ESCAPES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda token: json.dumps(token)[1:-1],
    "JSON of PHP": lambda token: json.dumps(token)[1:-1].replace("/", r"\/"),
    "JSON, by number": lambda token: "".join(f"\\u{ord(c):04x}" for c in token),
    "Python": lambda token: repr(token)[1:-1],
    "URL": quote,
    "URL, all of it": lambda token: "".join(f"%{ord(c):02X}" for c in token),
    "URL, in lower case": lambda token: "".join(f"%{ord(c):02x}" for c in token),
    "HTML": html.escape,
    "HTML, by number": lambda token: "".join(f"&#{ord(c)};" for c in token),
    "HTML, by hex number": lambda token: "".join(f"&#x{ord(c):X};" for c in token),
}


@pytest.mark.row("R5")
@pytest.mark.parametrize("outer", ESCAPES)
@pytest.mark.parametrize("inner", ESCAPES)
def test_a_token_escaped_once_or_twice_is_redacted(inner: str, outer: str, story: Story) -> None:
    """Any token, as JSON, URLs, HTML or Python write it, and as each writes that again."""
    left = set()

    @settings(max_examples=25)
    @given(st.text(VISIBLE, min_size=1, max_size=80))
    def over_tokens(token: str) -> None:
        escaped = ESCAPES[outer](ESCAPES[inner](token))
        cleaned = Secret(token, "api_token").redact(f"\u00e9 {escaped} \u00e9")
        left.add(cleaned.replace("[token]", ""))
        assert left == {"\u00e9  \u00e9"}

    over_tokens()
    story.saw(f"of a token escaped once or twice, {sum(map(len, left)) - 4} characters are left")


@given(tokens)
def test_any_token_without_blanks_is_taken(token: str) -> None:
    """Printable ASCII passes and joins the body unharmed."""
    body = envelope(Target("application", "AAAAA-BBBBB"), [(b"{}",)])
    assert json.loads(b"".join(body.pieces(Secret(token, "api_token"))))["request"]["auth"] == token


@pytest.mark.parametrize(
    "value", ["", " ", "a b", "a\n", "tokén", "x" * (MAX_TOKEN + 1), "a\x00", "a\u200b", "\ud800"]
)
def test_what_no_token_is(value: str) -> None:
    """Empty, overlong, or with blanks, controls or letters beyond ASCII: refused by name."""
    with pytest.raises(ConfigurationError, match=r"^api_token: [^\n]*$"):
        Secret(value, "api_token")


@pytest.mark.parametrize("value", [None, 5, b"token", ["token"]])
def test_a_token_is_a_str(value: object) -> None:
    """Anything else is a TypeError that names the argument and the type."""
    with pytest.raises(TypeError, match=r"^api_token: expected a str, got \w+$"):
        Secret(value, "api_token")


def wrap(token: str) -> Any:
    """Make a token of the wrong type."""
    return [token]


@pytest.mark.parametrize("spoilt", [CANARY + " ", CANARY + "\n", "\u00e9" + CANARY])
@pytest.mark.parametrize(
    "use",
    [
        lambda take: Secret(take(), "api_token"),
        lambda take: PushwooshClient(api_token=take(), application="AAAAA-BBBBB"),
        lambda take: PushwooshClient(api_token=wrap(take()), application="AAAAA-BBBBB"),
    ],
    ids=["secret", "client", "wrong type"],
)
def test_no_traceback_shows_a_refused_token(spoilt: str, use: Callable[[Any], object]) -> None:
    """Not even a report with all local variables has the token that was refused."""
    given_tokens = [spoilt]
    del spoilt
    with pytest.raises((ConfigurationError, TypeError)) as caught:
        use(given_tokens.pop)
    ours = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown = "".join(
        f"{frame.filename} {frame.locals}\n"
        for frame in ours.stack
        if "tests/" not in frame.filename
    )
    assert "pushwoosh_async" in shown
    assert CANARY not in shown
    assert CANARY not in "".join(traceback.format_exception_only(caught.value))
