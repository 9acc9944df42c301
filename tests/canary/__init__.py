"""A canary for a token: what is looked for, where, and by which clients and servers it is let loose."""

from .clients import NOTE, SOON_OVER, each_way, open_client
from .echoes import ECHOES, HEADER_ECHOES, ODD_ECHOES, Answer, auth, echo, envelope, http, split
from .looking import (
    CONTENT,
    PLAIN,
    TOKEN,
    USER,
    holders,
    reachable,
    shown_by,
    shows,
    ways_to_show,
)
from .watch import Watch

__all__ = [
    "CONTENT",
    "ECHOES",
    "HEADER_ECHOES",
    "NOTE",
    "ODD_ECHOES",
    "PLAIN",
    "SOON_OVER",
    "TOKEN",
    "USER",
    "Answer",
    "Watch",
    "auth",
    "each_way",
    "echo",
    "envelope",
    "holders",
    "http",
    "open_client",
    "reachable",
    "shown_by",
    "shows",
    "split",
    "ways_to_show",
]
