"""A scripted server on loopback, for the tests: raw bytes, with or without TLS, one script a request."""

from .connection import Connection
from .ledger import Ledger, Repeat
from .processing import accept, accept_as, processed
from .scripts import (
    ACCEPTED,
    Script,
    answer,
    close_after_body,
    hang,
    http,
    over_tls,
    raw,
    read_after,
    read_and_hang,
    reset_after_body,
    reset_after_headers,
    reset_on_accept,
    reset_unread,
    serve,
    trickle,
)
from .seen_request import SeenRequest
from .server import PATIENCE, FaultServer, fault_server

__all__ = [
    "ACCEPTED",
    "PATIENCE",
    "Connection",
    "FaultServer",
    "Ledger",
    "Repeat",
    "Script",
    "SeenRequest",
    "accept",
    "accept_as",
    "answer",
    "close_after_body",
    "fault_server",
    "hang",
    "http",
    "over_tls",
    "processed",
    "raw",
    "read_after",
    "read_and_hang",
    "reset_after_body",
    "reset_after_headers",
    "reset_on_accept",
    "reset_unread",
    "serve",
    "trickle",
]
