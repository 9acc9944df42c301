"""What a network exception says to a person, and the two things it may say to us.

Never whether the message was delivered: exception types cannot prove that (transport-notes 2).
"""

import errno
import os
import socket
import ssl
from collections.abc import Iterator

from attrs import frozen

# A mistake in a program, such as an injected client that was closed: the same every time.
_OUR_FAULT = (TypeError, AttributeError, NameError, RuntimeError)


@frozen
class Fault:
    """An exception, read.

    Attributes:
        reason: for people.
        permanent: trying again cannot help: the certificate is not trusted, or it is not TLS.
        exhausted: the process is out of file descriptors.
    """

    reason: str
    permanent: bool = False
    exhausted: bool = False


def read_fault(error: BaseException) -> Fault:
    """Look through an exception, its causes and its group."""
    found = list(_causes(error))
    details = [detail for cause in found if (detail := _detail(cause))]
    name = type(error).__name__
    return Fault(
        reason=f"{name}: {details[-1]}" if details else name,
        permanent=isinstance(error, _OUR_FAULT) or any(map(_is_permanent, found)),
        exhausted=any(
            isinstance(e, OSError) and e.errno in {errno.EMFILE, errno.ENFILE} for e in found
        ),
    )


def _detail(error: BaseException) -> str:
    """Return what the system says. Never a library's own text: it may quote the server, and the server
    the token.
    """  # noqa: D205 -- the reason belongs to the rule
    if isinstance(error, ssl.SSLCertVerificationError):
        # aiohttp's own subclass wraps one, and has no message of its own.
        return getattr(error, "verify_message", "") or "the certificate is not trusted"
    if isinstance(error, socket.gaierror):
        return "the name cannot be resolved"
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return ""


def _is_permanent(error: BaseException) -> bool:
    if isinstance(error, ssl.SSLCertVerificationError):
        return True
    return isinstance(error, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and everything it came from, each once."""
    pending, seen = [error], set[int]()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [e for e in (current.__cause__, current.__context__) if e is not None]
        if isinstance(current, BaseExceptionGroup):
            pending += current.exceptions
