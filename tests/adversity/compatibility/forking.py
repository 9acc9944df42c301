"""A program that forks while its client is open: the child tries it, then makes one of its own.

It says as JSON with which words the child was refused. Arguments: a server's URL, a way to send, a folder.
"""

import asyncio
import json
import os
import sys
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from wire_clients import Way, open_client

from pushwoosh_async import BatchingSender, ConfigurationError, Notification, PushwooshClient

HELLO = Notification(content="Hello")


def message(user: str) -> Notification:
    """Return a message for one."""
    return Notification(content="Hello", users=[user])


async def words_of(work: Callable[[], Awaitable[object]]) -> str:
    """Return with which words something is refused; else that it was not."""
    try:
        await work()
    except ConfigurationError as error:
        return f"{error.delivery}: {error}"
    return "nothing was refused"


async def be_child(
    url: str, way: Way, folder: Path, client: PushwooshClient, sender: BatchingSender
) -> None:
    """Try what is the parent's, then send with a client of its own."""

    async def run() -> None:
        journal = folder / "of-the-child"
        await client.fan_out(HELLO, users=["nobody"], journal=journal, concurrency=1)

    works: list[Callable[[], Awaitable[object]]] = [
        lambda: client.create_message(message("nobody")),
        run,
        lambda: sender.send(HELLO, user="nobody"),
        sender.aclose,
        client.aclose,
    ]
    said = [await words_of(work) for work in works]
    async with open_client(way, url) as own:
        await own.create_message(message("child"))
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def be_parent(url: str, way: Way, folder: Path) -> None:
    """Send, fork, wait for the child, and send again."""
    async with open_client(way, url) as client, BatchingSender(client, concurrency=1) as sender:
        await client.create_message(message("before"))
        with (
            warnings.catch_warnings()
        ):  # Python 3.12 warns of a fork beside threads: it is a mistake
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            code = 1
            try:
                asyncio.run(be_child(url, way, folder, client, sender))
                code = 0
            finally:
                os._exit(code)  # a child never comes back to its parent's event loop
        _, status = os.waitpid(child, 0)  # noqa: ASYNC222 -- nothing else goes on here
        assert os.waitstatus_to_exitcode(status) == 0
        await client.create_message(message("behind"))
        await sender.send(HELLO, user="batched")


if __name__ == "__main__":
    asyncio.run(be_parent(sys.argv[1], cast(Way, sys.argv[2]), Path(sys.argv[3])))
