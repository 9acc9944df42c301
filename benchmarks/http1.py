"""Where one HTTP/1.1 message ends and the next begins, for messages that carry a length."""

END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


def body_length(head: bytes) -> int:
    """The content length that a head (without its blank line) declares; 0 when it declares none.

    Raises:
        ValueError: the body is chunked; the server and the floor do not read such bodies.
    """
    lowered = head.lower()
    if b"\r\ntransfer-encoding:" in lowered:
        raise ValueError("a chunked body: the benchmark needs a Content-Length")
    start = lowered.find(_LENGTH)
    if start < 0:
        return 0
    return int(lowered[start + len(_LENGTH) :].split(b"\r\n", 1)[0])
