"""Where do a run's requests come from? Its source, cut into chunks, held against the journal, packed."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import anyio.lowlevel

from pushwoosh_async._fanout.intake import Intake
from pushwoosh_async._fanout.packing import Packer
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.resume import Work
from pushwoosh_async._fanout.takeover import Takeover


class Feed:
    """Makes requests as they are asked for."""

    def __init__(
        self, intake: Intake, planner: AnyPlanner, takeover: Takeover, packer: Packer
    ) -> None:
        self._intake = intake
        self._planner = planner
        self._takeover = takeover
        self._packer = packer

    async def requests(self) -> AsyncGenerator[Sequence[Work], None]:
        """Yield what shares a request: doubts of earlier sessions first, then first attempts.

        Raises:
            Exception: whatever the caller's source raises; or what is in it breaks a rule, or is not what
                the journal knows.
        """
        async with aclosing(self._intake.pages()) as pages:
            async for page in pages:
                chunks = self._planner.feed(page)
                for request in self._packer.add(await self._takeover.due(chunks)):
                    yield request
                if not chunks:  # a source that is all invalid must not keep the loop to itself
                    await anyio.lowlevel.checkpoint()
        left = await self._takeover.due(self._planner.finish())
        for request in self._packer.add([*left, *self._takeover.finish()]):
            yield request
        for request in self._packer.finish():
            yield request
