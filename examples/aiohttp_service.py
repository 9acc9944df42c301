"""A web service that sends a message for each request, over one shared client.

    pip install aiohttp
    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/aiohttp_service.py 8000
    curl http://127.0.0.1:8000/notify -d '{"user": "user-1", "text": "Hello"}'

All requests share the client's connections and its rate limit. On SIGTERM the service finishes what it
is doing and closes the client.

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import socket
import sys
from collections.abc import AsyncIterator

from aiohttp import web

from pushwoosh_async import ConfigurationError, Notification, PushwooshClient, PushwooshError

CLIENT = web.AppKey("CLIENT", PushwooshClient)

# What our caller may do: 503 says try again; after 504 trying again may send twice.
HTTP_STATUS = {"not_sent": 503, "rejected": 422, "in_doubt": 504}


async def open_client(app: web.Application) -> AsyncIterator[None]:
    """Keep one client open from the start of the service to its end."""
    async with PushwooshClient() as client:
        app[CLIENT] = client
        yield


async def notify(request: web.Request) -> web.Response:
    """Send one message."""
    try:
        wanted = await request.json()
        notification = Notification(content=wanted["text"], users=[wanted["user"]])
        result = await request.app[CLIENT].create_message(notification)
    except (ConfigurationError, KeyError, TypeError, ValueError) as error:
        return web.json_response({"error": str(error)}, status=400)
    except PushwooshError as error:
        status = HTTP_STATUS[error.delivery]
        return web.json_response({"delivery": error.delivery, "error": str(error)}, status=status)
    return web.json_response({"transaction_id": result.transaction_ids[0]})


def main(port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    app = web.Application()
    app.cleanup_ctx.append(open_client)
    app.router.add_post("/notify", notify)
    listener = socket.create_server(("127.0.0.1", port))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    web.run_app(app, sock=listener, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
