"""Do the decoders of answers survive any server? Each is fed each body, and what it says is checked."""

import json
import re
from collections.abc import Callable
from typing import Any

from pushwoosh_async import APIError, MessageResult
from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.decode import (
    Context,
    decode_messages,
    decode_nothing,
    decode_tags,
    decode_targeted,
)
from pushwoosh_async._wire.decode_details import decode_details
from pushwoosh_async._wire.decode_history import decode_history
from pushwoosh_async._wire.decode_totals import decode_totals
from pushwoosh_async._wire.reply import MAX_RETRY_AFTER, MAX_TEXT, Reply
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.history_text import as_line
from pushwoosh_async.cli.result_text import details_listing, receipt
from pushwoosh_async.cli.tags_text import tags_listing
from pushwoosh_async.cli.totals_text import totals_table

_TOKEN = "canary-token"
_SECRET = Secret(_TOKEN, "api_token")
_IDS = ("tid-0", "tid-1", "tid-2")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _shown_message(found: MessageResult) -> str:
    unknown = [each for ids in found.unknown_devices.values() for each in ids]
    return receipt(found.message_codes[0], found.transaction_ids[0], unknown)


# What is made of each result for people.
_DECODERS: tuple[tuple[Callable[[Reply, Context], Any], Callable[[Any], str]], ...] = (
    (decode_messages, _shown_message),
    (decode_targeted, lambda found: receipt(found.message_code, found.transaction_id)),
    (decode_nothing, str),
    (decode_tags, tags_listing),
    (decode_details, details_listing),
    (decode_history, lambda found: "\n".join(map(as_line, found))),
    (decode_totals, totals_table),
)


def read_answer(data: bytes) -> str:
    """Read a body that came with HTTP 200, packed if it looks so, by every decoder."""
    packed = {b"\x1f\x8b": "gzip", b"\x78\x9c": "deflate"}.get(data[:2], "identity")
    return _read_by_all(Reply(200, {"content-encoding": packed}, data))


def read_refusal(data: bytes) -> str:
    """Read a whole answer: a line each for the status, Retry-After and the encoding, then the body."""
    status, wait, packed, body = (*data.split(b"\n", 3), b"", b"", b"", b"")[:4]
    headers = {
        "retry-after": wait.decode("latin-1"),
        "content-encoding": packed.decode("latin-1"),
    }
    return _read_by_all(Reply(_status(status), headers, body))


def _status(text: bytes) -> int:
    return 100 + int(text[:3]) % 500 if text[:3].isdigit() else 200


def _read_by_all(reply: Reply) -> str:
    told = set()
    for decode, show in _DECODERS:
        for count in (1, 3):
            found = decode(reply, Context("method", _IDS[:count], _SECRET.redact, now=1e9))
            if isinstance(found, APIError):
                _check_error(found)
                told.add(type(found).__name__)
            else:
                _check_result(decode, reply, found, count)
                json.dumps(document(found))
                show(found).isprintable()
                told.add("read")
    return " or ".join(sorted(told))


def _check_error(error: APIError) -> None:
    for text in (str(error), error.status_message, *map(str, error.errors)):
        assert _TOKEN not in text
        assert not _CONTROL.search(text)
        assert len(text) <= 2 * MAX_TEXT + 200
    assert error.retry_after is None or 0 <= error.retry_after <= MAX_RETRY_AFTER
    assert error.__traceback__ is None


def _check_result(decode: object, reply: Reply, found: object, count: int) -> None:
    """A message is acknowledged by its envelope only, and several by a code for each."""
    assert reply.status == 200
    if not isinstance(found, MessageResult) or reply.headers["content-encoding"] != "identity":
        return
    body = json.loads(reply.body)
    assert str(body["status_code"]) in {"200", "200.0"} or int(body["status_code"]) == 200
    assert len(found.message_codes) == count
    assert count == 1 or all(isinstance(each, str) for each in body["response"]["Messages"])


ANSWER_TOKENS = (
    b'"status_code":200',
    b'"status_code":210',
    b'"status_message":"OK"',
    b'"response":',
    b'{"Messages":["CODE_NOT_AVAILABLE"]}',
    b'"UnknownDevices":{"":["u1"]}',
    b'"messageCode":"AAAA-BBBB"',
    b'"errors":[{"a":"b"}]',
    b'{"result":{}}',
    b'{"message":{}}',
    b'{"rows":[{}]}',
    b'{"metrics":[{"timestamp":1e9,"sends":1}],"conversion":{"events":[{}]}}',
    b'"2016-09-14 17:19:42"',
    b'"0000-00-00 00:00:00"',
    b'"\\ud800"',
    b"canary-token",
    b"NaN",
    b"1e999",
    b"-0",
    b"null",
    b"[[[[[[[[",
    b"\xff",
    b"\x00",
    b"\r\n",
    b"429\n",
    b"Wed, 21 Oct 2015 07:28:00 GMT\n",
    b"gzip\n",
)
