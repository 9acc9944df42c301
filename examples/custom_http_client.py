"""Send through an HTTP client of your own, with its proxy, limits and event hooks.

    pip install httpx
    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/custom_http_client.py user-1 user-2

Set EXAMPLE_PROXY to a URL to go through a proxy. `httpx2.AsyncClient` is taken as well. Most programs
need neither: PushwooshClient has `proxy=`, `ssl_context=` and `trust_env=`, and its own connections cost
much less CPU than the pool of an httpx client (see benchmarks/README.md).

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import os
import sys

import httpx

from pushwoosh_async import Notification, PushwooshClient


async def log_response(response: httpx.Response) -> None:
    """Log one exchange. Never log `request.content`: the body holds the API token."""
    print(f"{response.request.method} {response.request.url.path}: HTTP {response.status_code}")


async def main(users: list[str]) -> None:
    """Send to these users through our own client."""
    http_client = httpx.AsyncClient(
        proxy=os.environ.get("EXAMPLE_PROXY"),
        trust_env=False,
        limits=httpx.Limits(max_connections=8),
        event_hooks={"response": [log_response]},
    )
    # PushwooshClient does not close what it was given. The other order would cut off its last requests.
    async with http_client, PushwooshClient(http_client=http_client, max_connections=8) as client:
        report = await client.fan_out(
            Notification(content="Hello"), users=users, concurrency=8, chunk_size=100
        )
    print(f"accepted {report.accepted} of {report.total}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} USER...")
    asyncio.run(main(sys.argv[1:]))
