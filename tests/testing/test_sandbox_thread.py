"""Does a sandbox in a thread come up, answer to a blocked event loop, and go for good?"""

import json
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import run_in_thread


def requests_of(sandbox: Sandbox) -> int:
    """Ask over HTTP, which blocks this thread and any event loop in it."""
    with urllib.request.urlopen(f"{sandbox.url}/sandbox/truth", timeout=10) as answer:  # noqa: S310 -- http
        requests: int = json.load(answer)["requests"]
    return requests


async def test_it_answers_while_the_tests_event_loop_is_blocked() -> None:
    """It has a loop of its own."""
    with run_in_thread(Sandbox()) as sandbox:
        assert requests_of(sandbox) == 0


def test_it_is_gone_after_the_block() -> None:
    """Its port is closed and its thread has ended, also if the block raised; it can still be asked."""
    threads = threading.active_count()
    sandbox = Sandbox()
    with pytest.raises(ZeroDivisionError), run_in_thread(sandbox):
        raise ZeroDivisionError
    with pytest.raises(urllib.error.URLError):
        requests_of(sandbox)
    assert threading.active_count() == threads
    assert sandbox.truth().requests == 0


def test_one_that_cannot_start_leaves_no_thread() -> None:
    """Its error is the caller's."""
    threads = threading.active_count()
    with run_in_thread(Sandbox()) as sandbox:
        second = Sandbox(port=urlsplit(sandbox.url).port or 0)
        with pytest.raises(OSError, match="address already in use"), run_in_thread(second):
            pytest.fail("two sandboxes had one port")
    assert threading.active_count() == threads
