"""Which inputs cost more than they look? Long, deep, packed, or full of what is tried again and again."""

import gzip
import zlib
from collections.abc import Iterator

from adversity.effort import effort

from .target import Target

LONG = effort(16, 512) * 1024  # bytes
_PLAIN = 8 * 1024 * 1024  # bytes that a packed input becomes
# A piece that is repeated, and what stands before and behind all of it.
_REPEATED: tuple[tuple[bytes, bytes, bytes], ...] = (
    (b"", b"[", b""),
    (b"", b'{"a":', b""),
    (b"[", b"[[],", b""),
    (b'{"status_code":200,"response":', b"[", b"]}"),
    (b'{"status_code":200,"response":{"result":', b'{"a":', b"}}"),
    (b'{"status_code":', b"9", b"}"),
    (b'{"status_message":"', b"\\u0000", b'"}'),
    (b'{"status_message":"', b"canary-token", b'"}'),
    (b'{"status_code":200,"response":{"rows":[', b"{},", b"{}]}}"),
    (b'{"metrics":[', b"{},", b"{}]}"),
    (b'{"content":"', b" ", b'"}'),
    (b'{"content":"{a', b" ", b'"}'),
    (b'{"content":"', b"{a ", b'"}'),
    (b'{"content":"', b"{% if ", b'"}'),
    (b'{"content":"{{ a', b"\\t", b'"}'),
    (b'{"content":"x","users":[', b'"u",', b'"v"]}'),
    (b'T("a", EQ, ', b"9", b")"),
    (b"", b"(", b""),
    (b"", b'(T("a", EQ, 1)+', b""),
    (b'T("a", EQ, 1)', b' + T("a", EQ, 1)', b""),
    (b'T("a", IN, [', b'"b",', b'"c"])'),
    (b'T("', b" ", b'", EQ, 1)'),
    (b"", b"\n", b""),
    (b"", b" ", b"x"),
    (b"", b"\r", b"\n"),
    (b"id\n", b'"', b""),
    (b'id\n"', b"a\n", b""),
    (b"id,name,town\n", b"u1,a,b\n", b""),
    (b"id", b",id", b"\nu1\n"),
    (b"", b'{"id":"u1","name":"a","town":"b"}\n', b""),
    (b'{"id":"', b"u", b'"}'),
    (b"Age=", b"[", b""),
    (b"a", b":0.1,a", b""),
    (b"https://", b"a.", b"/"),
    (b"https://", b"a-", b"!/"),
    (b"Invalid value for 'a': ", b": is not one of ", b""),
    (b"", b"Invalid value for '", b""),
    (b"201\n", b"9", b"\n\n{}"),
    (b"201\n", b"Wed, ", b"\n\n{}"),
    (b'{"process":', b"9", b"}"),
    (b"", b"\xff", b""),
    (b"", b"\x00", b""),
)


def swollen() -> Iterator[bytes]:
    """Yield inputs of half a megabyte, and small ones that are much when they are unpacked."""
    for before, piece, behind in _REPEATED:
        yield before + piece * (LONG // len(piece)) + behind
    plain = b'{"status_code":200,"response":{"Messages":["' + b"a" * _PLAIN + b'"]}}'
    yield gzip.compress(plain, mtime=0)
    yield zlib.compress(plain)
    yield gzip.compress(b"u1\n" * (_PLAIN // 32), mtime=0)
    yield b"300\n\ngzip\n" + gzip.compress(plain, mtime=0)


def swollen_journals(target: Target) -> Iterator[bytes]:
    """Yield journals with much behind them, and with half of them again and again."""
    for path in target.corpus():
        data = path.read_bytes()
        yield data + bytes(LONG)
        yield data + data[len(data) // 2 :] * (LONG // len(data))
