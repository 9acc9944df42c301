"""The process that encodes chunks, by the library and by `orjson.dumps`; prints microseconds of each."""

import json
import sys
import time
from collections.abc import Callable, Sequence

import orjson

from benchmarks.workload import APPLICATION, CONTENT, TOKEN, Audience, message
from pushwoosh_async import Notification
from pushwoosh_async._secret import Secret
from pushwoosh_async._wire.encode import Target, envelope, template
from pushwoosh_async._wire.identity import encode_ids, random_transaction_id

_TARGET = Target("application", APPLICATION)
_TEMPLATE = template(Notification(content=CONTENT))
_SECRET = Secret(TOKEN, "token")


def by_the_library(users: Sequence[str]) -> int:
    """From the ids to the bytes that leave; how many."""
    notification = _TEMPLATE.splice("users", encode_ids(users), random_transaction_id())
    return sum(map(len, envelope(_TARGET, (notification,)).pieces(_SECRET)))


def by_orjson(users: Sequence[str]) -> int:
    """The dictionary of the same request, dumped."""
    return len(orjson.dumps(message(users)))


def main(chunks: int, rounds: int) -> None:
    """Print a pair (library, orjson) for each round, after one that warms up."""
    slices = list(Audience(chunks).slices())
    assert by_the_library(slices[0]) == by_orjson(slices[0])
    pairs = [[_time(way, slices) for way in _order(number)] for number in range(rounds + 1)]
    print(json.dumps([pair[:: 1 - 2 * (number % 2)] for number, pair in enumerate(pairs)][1:]))


def _order(number: int) -> tuple[Callable[[Sequence[str]], int], ...]:
    return (by_orjson, by_the_library) if number % 2 else (by_the_library, by_orjson)


def _time(way: Callable[[Sequence[str]], int], slices: list[Sequence[str]]) -> float:
    start = time.process_time()
    for users in slices:
        way(users)
    return (time.process_time() - start) / len(slices) * 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
