"""An API that answers every method, and puts into each text what a terminal or a page would obey."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

Answer: TypeAlias = tuple[int, object]
# Of the method's name and the token that opened it.
Say: TypeAlias = Callable[[str, str], Answer]


def hostile(token: str) -> str:
    """Return a text that renames a terminal, clears it, turns it round, runs in a page, has the token."""
    return (
        f"\x1b]0;owned\x07\x1b[2J\r\n\x9b31m\u202eAccepted\u2028\x00<script>{token}</script>"
        f"{'A' * 3000}"
    )


def refuse(method: str, token: str) -> Answer:
    """Refuse the arguments, with such a text wherever an error can have one."""
    text = hostile(token)
    response = {"errors": [{"type": text, "message": text, text: text}]}
    return 200, {"status_code": 210, "status_message": text, "response": response}


def fail(method: str, token: str) -> Answer:
    """Fail, with such a text."""
    return 500, {"status_code": 500, "status_message": hostile(token), "response": None}


def comply(method: str, token: str) -> Answer:
    """Do what is asked; each text in the answer is such a one."""
    text = hostile("name")
    rows = [{"id": 1, "code": text, "send_date": text, "content": {text: text}, "title": text}]
    response = {
        "Messages": [text],
        "UnknownDevices": {text: ["u", text]},
        "messageCode": text,
        "rows": rows,
        "total": 1,
        "message": {"id": 1, "code": text, "status": text, "content": {text: text}, "data": text},
        "result": {text: text},
        "metrics": [{"timestamp": text, "platform": 1, "sends": 1}],
        "conversion": {"events": [{"name": text, "hits": 3}]},
    }
    return 200, {"status_code": 200, "status_message": text, "response": response}


@contextmanager
def serving(say: Say) -> Iterator[str]:
    """Serve in a thread, since a command runs an event loop of its own; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            token = self.headers.get("Authorization", "").removeprefix("Token ")
            status, said = say(self.path.rsplit("/", 1)[1], token or _token_of(asked))
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- its name
            """Nobody reads a log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _token_of(asked: bytes) -> str:
    token: str = json.loads(asked)["request"]["auth"]
    return token
