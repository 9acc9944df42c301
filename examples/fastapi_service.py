"""A FastAPI service whose requests share few requests to the API: one sender from its start to its end.

    pip install fastapi uvicorn
    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/fastapi_service.py 8000
    curl http://127.0.0.1:8000/notify --json '{"user": "user-1", "text": "Hello"}'

Who asks for the same text within 50 milliseconds shares a notification, different texts share a request,
and each caller is told what became of its own. On SIGTERM the service sends what waits, and ends.

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from pushwoosh_async import (
    BatchingSender,
    ConfigurationError,
    Notification,
    PushwooshClient,
    PushwooshError,
    QueueFullError,
)

PATIENCE = 10.0  # seconds that our caller waits
MAX_PENDING = int(os.environ.get("EXAMPLE_MAX_PENDING", "10000"))
# What our caller may do: 503 says try again; after 504 trying again may send twice.
HTTP_STATUS = {"not_sent": 503, "rejected": 422, "in_doubt": 504}


class State(TypedDict):
    """What the service keeps while it lives."""

    sender: BatchingSender


class Wanted(BaseModel):
    """What our caller asks for."""

    user: str
    text: str


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[State]:
    """Keep one client and one sender open. Leaving sends what waits, then closes the client."""
    async with (
        PushwooshClient() as client,
        BatchingSender(client, max_pending=MAX_PENDING, when_full="raise") as sender,
    ):
        yield {"sender": sender}


def the_sender(request: Request) -> BatchingSender:
    """Hand the sender to whoever depends on it."""
    sender: BatchingSender = request.state.sender
    return sender


app = FastAPI(lifespan=lifespan)


@app.post("/notify")
async def notify(
    wanted: Wanted, sender: Annotated[BatchingSender, Depends(the_sender)]
) -> dict[str, object]:
    """Send one message to one user."""
    # Given up while it waits it is withdrawn; once it has left it goes on, and may have been sent.
    async with asyncio.timeout(PATIENCE):
        accepted = await sender.send(Notification(content=wanted.text), user=wanted.user)
    return {"transaction_id": accepted.transaction_id, "known": not accepted.unknown}


@app.exception_handler(QueueFullError)
async def too_busy(_: Request, error: Exception) -> JSONResponse:
    """Say that there is no room now, before anything was sent."""
    return JSONResponse({"error": str(error)}, status_code=503, headers={"Retry-After": "1"})


@app.exception_handler(ConfigurationError)
async def wrong(_: Request, error: Exception) -> JSONResponse:
    """Say which value breaks which rule."""
    return JSONResponse({"error": str(error)}, status_code=400)


@app.exception_handler(PushwooshError)
async def failed(_: Request, error: Exception) -> JSONResponse:
    """Say whether the message may have been sent."""
    delivery = error.delivery if isinstance(error, PushwooshError) else "in_doubt"
    body = {"delivery": delivery, "error": str(error)}
    return JSONResponse(body, status_code=HTTP_STATUS[delivery])


@app.exception_handler(TimeoutError)
async def too_slow(_: Request, __: Exception) -> JSONResponse:
    """Say that nobody knows yet."""
    return JSONResponse({"delivery": "in_doubt", "error": "no answer in time"}, status_code=504)


def main(port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    listener = socket.create_server(("127.0.0.1", port))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
