"""What a journal holds of a run, made up: its facts and its records, for what reads them afterwards."""

import json
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pushwoosh_async import Stamp
from pushwoosh_async._fanout.journal import Record, RunFacts
from pushwoosh_async._fanout.state import Life, State
from pushwoosh_async._window import Exposure

NOW = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC, where a FakeClock begins
LATER = "2023-11-16 10:00"
WINDOW = 300.0


def stamp(wall: float) -> Stamp:
    """An instant."""
    return Stamp(wall, wall - NOW, "boot-0")


def facts(
    *, application: str | None = "XXXXX-XXXXX", created: float = NOW, **notification: Any
) -> RunFacts:
    """A run of this notification, which is not encoded by the code under test."""
    return RunFacts(
        run_id="8f0e2c1e-0000-4000-8000-000000000000",
        send_id=None,
        base_url="https://x.example",
        application=application,
        applications_group=None if application else "GGGGG-GGGGG",
        kind="users",
        template_digest="00",
        notification=json.dumps(notification),
        chunk_size=20,
        dedupe=False,
        invalid="raise",
        window=WINDOW,
        margin=120.0,
        store_ids=False,
        concurrency=4,
        library="0",
        created=stamp(created),
    )


def record(
    path: str,
    state: State = State.ACCEPTED,
    *,
    code: str | None = None,
    own_doubt: bool = False,
    inherited: bool = False,
    t0: float | None = NOW,
    ended: float = NOW,
    recipients: int = 20,
    reason: str = "",
) -> Record:
    """A chunk's record; its place in the input is its ordinal's."""
    exposure = Exposure(None if t0 is None else stamp(t0), in_doubt=own_doubt)
    start = int(path.partition(".")[0].partition("#")[0]) * 20
    return Record(
        path=path,
        start=start,
        stop=start + 20,
        recipients=recipients,
        digest=b"\0" * 32,
        transaction_id=f"tid-{path}",
        life=Life(
            state,
            exposure,
            attempts=1,
            message_code=code,
            reason=reason,
            inherited=inherited,
        ),
        began=0.0 if t0 is None else t0 + 60.0,
        ended=ended,
    )


@contextmanager
def machine_in_tokyo() -> Iterator[None]:
    """Set the machine's own zone, in which nobody has said anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


class Pages:
    """Records as a journal reads them out.

    Attributes:
        closed: whether the reading was ended properly.
        handed_out: how many records were read.
    """

    def __init__(
        self, records: Sequence[Record], *, size: int = 3, error: Exception | None = None
    ) -> None:
        self._records = records
        self._size = size
        self._error = error
        self.closed = False
        self.handed_out = 0

    async def read(self) -> AsyncGenerator[Sequence[Record], None]:
        """Yield page after page, and the error at the end, if there is one."""
        try:
            for at in range(0, len(self._records), self._size):
                page = self._records[at : at + self._size]
                self.handed_out += len(page)
                yield page
            if self._error is not None:
                raise self._error
        finally:
            self.closed = True
