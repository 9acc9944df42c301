"""How shall a run go? Its options, once they are checked."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from attrs import frozen

from pushwoosh_async._fanout.packing import Packing
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async._window import Window
from pushwoosh_async.errors import PushwooshError

OnRejected: TypeAlias = Literal["report", "bisect", "stop"]


@frozen(kw_only=True)
class RunSettings:
    """How a run goes.

    Attributes:
        concurrency: chunks in flight.
        deadline: seconds after which nothing new begins; None for no end.
        on_rejected: what a rejected chunk does.
        bisect_requests: halves at most that rejected chunks are taken apart into.
        chunk_size: ids in a chunk.
        store_ids: whether the journal holds ids.
        again: which settled chunks of earlier sessions are sent once more.
        packing: how full a request may be.
        window: the window of a request whose notifications take so many bytes.
        held: seconds until the client's hold ends, told the monotonic time.
        rate: requests a second that the client's limit allows now.
        pause: seconds before a pack that failed so is taken apart.
    """

    concurrency: int
    deadline: float | None
    on_rejected: OnRejected
    bisect_requests: int
    chunk_size: int
    store_ids: bool
    again: Again
    packing: Packing
    window: Callable[[int], Window]
    held: Callable[[float], float]
    rate: Callable[[], float]
    pause: Callable[[PushwooshError], float]

    @property
    def most_refusals(self) -> int:
        """Clean refusals in a row, with nothing ever accepted, that end the run.

        A chunk that is being taken apart is refused once for each halving, down to a single id.
        """
        halvings = self.chunk_size.bit_length() + 1 if self.on_rejected == "bisect" else 0
        return self.concurrency * (1 + halvings)
