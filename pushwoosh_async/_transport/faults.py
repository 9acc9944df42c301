"""What a network exception says to a person, and the two things it may say to us.

Never whether the message was delivered: exception types cannot prove that (transport-notes 2).
"""

import errno
import ssl
from collections.abc import Iterator

from attrs import frozen

# A mistake in a program, such as an injected client that lacks something: the same every time.
_OUR_FAULT = (TypeError, AttributeError)


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
    text = str(error) or (str(found[-1]) if found else "")
    reason = f"{type(error).__name__}: {text}"[:300] if text else type(error).__name__
    return Fault(
        reason=reason,
        permanent=isinstance(error, _OUR_FAULT) or any(map(_is_permanent, found)),
        exhausted=any(
            isinstance(e, OSError) and e.errno in {errno.EMFILE, errno.ENFILE} for e in found
        ),
    )


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
