"""Do the command line's own files and options survive any text? What is taken, is written back the same."""

import json
from typing import Any

from pushwoosh_async import SMS, Device, Notification, TargetedMessage
from pushwoosh_async._transport.address import address
from pushwoosh_async.cli.complaints import BadInputError, printable
from pushwoosh_async.cli.composing import composed
from pushwoosh_async.cli.filling import check_places, unfilled
from pushwoosh_async.cli.message import schedule
from pushwoosh_async.cli.parsing_words import in_our_words
from pushwoosh_async.cli.tags_text import tags_listing, tags_of
from pushwoosh_async.cli.text_input import read_text
from pushwoosh_async.cli.token import read_token
from pushwoosh_async.cli.typed_file import TypedFile
from pushwoosh_async.sandbox import parse_faults

from .scratch import written

_MODELS: tuple[Any, ...] = (Notification, TargetedMessage, SMS, Device)
_LONGEST_OPTION = 128 * 1024  # what Linux hands to a program as one argument
_TYPED = 1000  # a complaint of the parser quotes a number or a word that somebody typed


def read_document(data: bytes) -> str:
    """Read a file as each of the API's objects, as a token and as a text."""
    path = str(written("document", data))
    told = {_object(model, path) for model in _MODELS}
    told |= {_token(path, data), _text(path)}
    return " or ".join(sorted(told))


def _object(model: Any, path: str) -> str:
    try:
        made = composed(model, (), file_option="--message", path=path)
    except BadInputError as error:
        return _refused(error, "--message ")
    wire = made.to_wire()
    assert model.from_wire(wire) == made
    json.dumps(wire, allow_nan=False)
    if isinstance(made, Notification):
        _places(made)
    return "read"


def _refused(error: BadInputError, begins: str, secret: str = "") -> str:
    """Look at a complaint: it names the option, and never shows a token."""
    assert str(error).startswith(begins)
    assert not secret or secret not in str(error)
    return type(error).__name__


def _places(made: Notification) -> None:
    names = unfilled(made, ())
    check_places(made, names)


def _token(path: str, data: bytes) -> str:
    try:
        token = read_token(path)
    except BadInputError as error:
        return _refused(error, "--token-file ", "" if len(data) < 12 else data.decode("latin-1"))
    assert token.isascii()
    return "read"


def _text(path: str) -> str:
    try:
        read_text("TEXT", path)
    except BadInputError:
        return "BadInputError"
    return "read"


def read_options(data: bytes) -> str:
    """Read a text as each kind of option."""
    text = data[:_LONGEST_OPTION].decode("utf-8", "surrogateescape").replace("\0", "")
    told = {_option(read, text) for read in _READERS}
    assert printable(in_our_words(text[:_TYPED])).isprintable()
    return " or ".join(sorted(told))


def _placeholder(text: str) -> object:
    return TypedFile("users", None, None, None, [text], None).columns()


_READERS = (
    lambda text: tags_listing(tags_of([text])),
    _placeholder,
    schedule,
    parse_faults,
    address,
)


def _option(read: Any, text: str) -> str:
    try:
        read(text)
    except BadInputError:
        return "BadInputError"
    except ValueError as error:  # what the library's own functions raise; the command line words it
        return type(error).__name__
    return "read"


DOCUMENT_TOKENS = (
    b'{"content":"Hi"}',
    b'"content":{"en":"{name|CapitalizeFirst|you}"}',
    b'"users":["u1"]',
    b'"conditions":[["Age","GTE",20]]',
    b'"send_date":"now"',
    b'"send_date":"2030-01-31 09:00"',
    b'"data":{"a":[]}',
    b'"ios_badges":"+1"',
    b'"platforms":[1,3]',
    b'"geozone":{"lat":1,"lng":2,"range":3}',
    b'"devices_filter":"A(\\"AAAAA-BBBBB\\")"',
    b'"phone_number":"+123"',
    b'"hwid":"h","device_type":1',
    b"{{ name }}",
    b"{% if name %}",
    b"{a ",
    b'"\\ud800"',
    b"null",
    b"1e999",
    b"NaN",
    b"[[[[[[[[",
    b"\xff",
    b"\n",
)
OPTION_TOKENS = (
    b"Age=30",
    b'City="Paris"',
    b"name=column",
    b"2030-01-31T09:00+01:00",
    b"2030-01-31 09:00",
    b"9999-12-31T23:59-23:59",
    b"0001-01-01T00:00+23:59",
    b"reset_after:0.02",
    b"delay:0.01:0.3",
    b"stall:nan",
    b"inf",
    b"https://",
    b"http://127.0.0.1:80/",
    b"[::1]",
    b"@",
    b"\\",
    b"Invalid value for '--n': 'x' is not a valid integer",
    b" is not one of 'a', 'b'.",
    b"\x1b[31m",
    b"\xff",
)
