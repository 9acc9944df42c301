"""How is a process started, and in which window are its requests?"""

import uuid

from attrs import frozen

from model.server_model import MB_PER_BYTE
from pushwoosh_async import RetryPolicy
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._window import Window

_TIMEOUT = 30.0


@frozen(kw_only=True)
class Start:
    """How a process is started.

    Attributes:
        source: the recipients.
        chunk_size: of them in a chunk.
        bisect_requests: halves at most, where one notification goes in a request; 0 for no bisecting.
        again: what is sent once more.
        run_id: drawn for this process; counts where the journal is new.
        most: notifications in a request.
        cautious: the real `Admission` holds new requests back; else each may begin at once, which the
            promises must bear too.
        watched: somebody reads the outcomes, when the model says so, and the run waits for him.
    """

    source: tuple[str, ...]
    chunk_size: int
    bisect_requests: int
    again: Again
    run_id: uuid.UUID
    most: int = 1
    cautious: bool = False
    watched: bool = False


def window_of(size: int) -> Window:
    """Return the window of a request, as a client with default options has it."""
    return RetryPolicy().window_for(_TIMEOUT, int(size * MB_PER_BYTE * 1_000_000))
