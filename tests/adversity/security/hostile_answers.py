"""Which answers take longest to read, or most memory? Each as large as is read at all, or larger."""

import gzip
import json
import zlib

LIMIT = 1024 * 1024


def answer(body: bytes, headers: str = "") -> bytes:
    """Write an answer."""
    return f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def full_of(item: bytes) -> bytes:
    """Write an acknowledgement that repeats something until it is as long as is read."""
    head, tail = b'{"status_code":200,"response":[', b"]}"
    return head + b",".join([item] * ((LIMIT - len(head) - len(tail)) // (len(item) + 1))) + tail


def squeezed(body: bytes) -> bytes:
    """Answer with something that nobody asked to be packed."""
    return answer(gzip.compress(body, 9), "Content-Encoding: gzip\r\n")


def in_chunks(size: int, body: bytes) -> bytes:
    """Answer in chunks of so many bytes."""
    chunks = (body[at : at + size] for at in range(0, len(body), size))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks) + b"0\r\n\r\n"


def names() -> bytes:
    """Write an object of as many different names as are read."""
    return json.dumps(
        {f"{number:x}": 0 for number in range(90_000)}, separators=(",", ":")
    ).encode()


def _megabyte_of_zeros() -> bytes:
    """Return a block of deflate that can be repeated: a gigabyte is quickly written so."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(b"0" * 2**20) + deflate.flush(zlib.Z_FULL_FLUSH)


_GIGABYTE = _megabyte_of_zeros() * 1000
GZIP_ZEROS = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + _GIGABYTE
ZLIB_ZEROS = b"\x78\x9c" + _GIGABYTE

ANSWERS: dict[str, bytes] = {
    "objects": answer(full_of(b"{}")),
    "objects in objects": answer(full_of(b'{"a":' * 300 + b"0" + b"}" * 300)),
    "lists": answer(full_of(b"[]")),
    "lists in lists": answer(full_of(b"[" * 900 + b"]" * 900)),
    "a list that never ends": answer(b"[" * LIMIT),
    "numbers": answer(full_of(b"1")),
    "long numbers": answer(full_of(b"9" * 4300)),
    "floats": answer(full_of(b"1e9")),
    "texts": answer(full_of(b'""')),
    "escapes": answer(b'{"status_code":200,"status_message":"%b"}' % (b"\\u0000" * 170_000)),
    "names": answer(names()),
    "no JSON": answer(b"\xff" * LIMIT),
    "a page": answer(b"<html>" + b"x" * (LIMIT - 6)),
    "a byte too much": answer(b" " * (LIMIT + 1)),
    "a gigabyte, squeezed": answer(GZIP_ZEROS[:LIMIT], "Content-Encoding: gzip\r\n"),
    "squeezed twice": squeezed(GZIP_ZEROS),
    "squeezed objects": squeezed(full_of(b"{}")),
    "squeezed names": squeezed(names()),
    "small chunks": in_chunks(1, b" " * 100_000),
    "interim answers": b"HTTP/1.1 103 X\r\n\r\n" * 5_000 + answer(b"{}"),
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 16_000 + b"\r\n{}",
    "a long header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n",
}
