"""A program that ends while it still sends, in one of the ways in which programs do.

Arguments: WHAT (run, sender or client) sends, HOW it is left, a server's URL, a journal. It leaves when
the first answer is there and others are not: ``exit`` calls `sys.exit`, ``forget`` never closes its loop,
and with ``daemon`` the main thread ends while the loop runs in another one.
"""

import asyncio
import sys
import threading
from pathlib import Path

from wire_clients import APPLICATION, PATIENCE

from pushwoosh_async import BatchingSender, Notification, PushwooshClient, RetryPolicy

HELLO = Notification(content="Hello")
IDS = [f"u{number}" for number in range(40)]
EXIT_CODE = 3


class Leaving:
    """Something that sends, and what tells that it has begun."""

    def __init__(self, url: str, journal: str) -> None:
        self._url = url
        self._journal = Path(journal)
        self.begun = threading.Event()
        self.in_exit = False

    def _client(self) -> PushwooshClient:
        # A machine under load is nothing to warn of.
        asyncio.get_running_loop().slow_callback_duration = PATIENCE
        return PushwooshClient(
            api_token="TOKEN-OF-THE-TESTS",
            application=APPLICATION,
            base_url=self._url,
            max_connections=2,
            rate_limit=None,
            retry=RetryPolicy(base_delay=0.001),
        )

    def _note(self) -> None:
        self.begun.set()
        if self.in_exit:
            sys.exit(EXIT_CODE)

    async def run(self) -> None:
        """A journalled run."""
        async with self._client() as client:
            run = client.fan_out(
                HELLO, users=IDS, journal=self._journal, chunk_size=10, concurrency=2
            )
            async with run:
                async for _ in run:
                    self._note()

    async def sender(self) -> None:
        """Many who wait, each for one."""
        async with (
            self._client() as client,
            BatchingSender(client, concurrency=2) as sender,
            asyncio.TaskGroup() as tasks,
        ):
            for each in IDS:
                tasks.create_task(self._one(sender, each))

    async def _one(self, sender: BatchingSender, user: str) -> None:
        await sender.send(HELLO, user=user)
        self._note()

    async def client(self) -> None:
        """A client that nobody closes."""
        client = self._client()
        for each in IDS:
            await client.create_message(Notification(content="Hello", users=[each]))
            self._note()


def main(what: str, how: str, url: str, journal: str) -> None:
    """Send, and leave."""
    leaving = Leaving(url, journal)
    work = getattr(leaving, what)()
    if how == "exit":
        leaving.in_exit = True
        asyncio.run(work)
    elif how == "daemon":
        threading.Thread(target=asyncio.run, args=(work,), daemon=True).start()
        leaving.begun.wait(PATIENCE)
    else:
        loop = asyncio.new_event_loop()
        task = loop.create_task(work)
        while not leaving.begun.is_set():
            loop.run_until_complete(asyncio.sleep(0.01))
        del task


if __name__ == "__main__":
    main(*sys.argv[1:])
