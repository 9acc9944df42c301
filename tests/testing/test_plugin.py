"""What do the fixtures give to a test, in each of the ways in which one may be run?"""

import os

import pytest

from .conftest import RunTests

# The client repeats on a connection that the test's own event loop keeps, and closes it in that loop.
SENDS = """
    import pytest
    from pushwoosh_async import Notification

    {mark}
    async def test_it(pushwoosh_client, pushwoosh_sandbox, assert_sent_once):
        pushwoosh_sandbox.script(["reset_after", "truncated_after"])
        await pushwoosh_client.create_message(Notification(content="Hello", users=["user-1"]))
        assert_sent_once("user-1")
        assert pushwoosh_sandbox.truth().replays == 2
        assert pushwoosh_sandbox.ledger.notifications[0]["content"] == "Hello"
"""
SESSION = "asyncio_default_fixture_loop_scope=session"
ON_ASYNCIO = """
    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @pytest.mark.anyio
"""


@pytest.mark.parametrize(
    ("mark", "arguments"),
    [
        ("@pytest.mark.asyncio", ["-o", "asyncio_mode=strict"]),
        ("", ["-o", "asyncio_mode=auto"]),
        ("@pytest.mark.asyncio(loop_scope='session')", ["-o", SESSION]),
        (ON_ASYNCIO, ["-o", "asyncio_mode=strict"]),
        (ON_ASYNCIO, ["-p", "no:asyncio"]),
    ],
    ids=["strict", "auto", "session", "anyio", "anyio-alone"],
)
def test_a_client_sends_to_the_sandbox(
    run_tests: RunTests, mark: str, arguments: list[str]
) -> None:
    """With pytest-asyncio in both modes, and with anyio, nothing is left open at the end."""
    run_tests(SENDS.format(mark=mark), *arguments).assert_outcomes(passed=1)


def test_a_synchronous_test_needs_no_plugin_for_event_loops(run_tests: RunTests) -> None:
    """It runs code that makes its own client and its own event loop, and asks the sandbox about it."""
    lines = """
        import asyncio
        from pushwoosh_async import Notification, PushwooshClient

        async def serve():
            async with PushwooshClient() as client:
                await client.create_message(Notification(content="Hello", users=["user-1", "user-2"]))

        def test_it(pushwoosh_environment, pushwoosh_clock, assert_sent_once):
            asyncio.run(serve())
            assert_sent_once("user-1", "user-2")
    """
    run_tests(lines, "-p", "no:asyncio", "-p", "no:anyio").assert_outcomes(passed=1)


def test_a_client_without_an_event_loop_says_what_it_lacks(run_tests: RunTests) -> None:
    """Rather than what pytest says of a coroutine that nobody awaits."""
    result = run_tests("def test_it(pushwoosh_client): pass", "-p", "no:asyncio")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("pushwoosh_client needs pytest-asyncio, or a test marked anyio")


def test_a_client_does_not_run_on_trio(run_tests: RunTests) -> None:
    """It says so, where anyio runs a test on both."""
    result = run_tests(SENDS.format(mark="@pytest.mark.anyio"))
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines("pushwoosh_client runs on asyncio, not on trio: *anyio_backend*")


def test_a_failure_points_at_the_line_of_the_test(
    run_tests: RunTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows the call and the complaint, and nothing of how it came about; the summary names one."""
    monkeypatch.setenv("COLUMNS", "160")
    lines = """
        def test_it(pushwoosh_sandbox, assert_sent_once):
            pushwoosh_sandbox.ledger.record({}, ["user-2", "user-2"])
            assert_sent_once("user-1", "user-2")
    """
    result = run_tests(lines)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '>*assert_sent_once("user-1", "user-2")',
            "E*not sent exactly once: user-1 was sent nothing",
            "E*user-2 was sent 2 times",
            "test_*.py:3: AssertionError",
            "FAILED *not sent exactly once: user-1 *",
        ]
    )
    result.stdout.no_fnmatch_line("*sent_once.py*")


def test_two_tests_share_nothing(run_tests: RunTests) -> None:
    """Each has its own sandbox, at its own address, and its own time; both are gone afterwards."""
    lines = """
        import threading
        import pytest

        seen = []

        @pytest.mark.parametrize("turn", [1, 2])
        def test_it(turn, pushwoosh_sandbox, pushwoosh_clock, pushwoosh_environment, assert_sent_once):
            pushwoosh_sandbox.ledger.record({}, ["user-1"])
            pushwoosh_clock.advance(1)
            assert_sent_once("user-1")
            assert pushwoosh_clock.monotonic() == 1
            assert pushwoosh_sandbox not in seen
            seen.append(pushwoosh_sandbox)

        def test_nothing_is_left():
            assert threading.active_count() == before

        before = threading.active_count()
    """
    run_tests(lines).assert_outcomes(passed=3)


def test_the_environment_is_as_before(run_tests: RunTests, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has set for a real account is neither used nor lost."""
    monkeypatch.setenv("PUSHWOOSH_API_TOKEN", "theirs")
    lines = """
        import os

        def test_it(pushwoosh_environment, pushwoosh_sandbox):
            assert os.environ["PUSHWOOSH_BASE_URL"] == pushwoosh_sandbox.url
            assert os.environ["PUSHWOOSH_API_TOKEN"] != "theirs"
    """
    run_tests(lines).assert_outcomes(passed=1)
    ours = {name: value for name, value in os.environ.items() if name.startswith("PUSHWOOSH_")}
    assert ours == {"PUSHWOOSH_API_TOKEN": "theirs"}


def test_time_is_the_tests_where_it_asks_for_it(run_tests: RunTests) -> None:
    """Client and sandbox go by one clock: a long wait takes none, and what is remembered is forgotten."""
    lines = """
        import pytest
        from pushwoosh_async import Notification

        def hello():
            return Notification(content="Hello", users=["user-1"], transaction_id="once")

        @pytest.mark.asyncio
        async def test_it(pushwoosh_client, pushwoosh_clock, pushwoosh_sandbox):
            pushwoosh_sandbox.script(["error_503_before"])
            for seconds in (0, 299, 1):
                pushwoosh_clock.advance(seconds)
                await pushwoosh_client.create_message(hello())
            assert max(pushwoosh_clock.sleeps) >= 1
            assert pushwoosh_sandbox.ledger.deliveries("user-1") == 2
    """
    run_tests(lines).assert_outcomes(passed=1)


def test_dates_are_the_tests_where_it_asks_for_time(run_tests: RunTests) -> None:
    """A message for 2024 was sent long ago; by a fake clock, which begins in 2023, it is still pending."""
    lines = """
        import pytest
        from pushwoosh_async import InvalidRequestError, Notification

        async def code_of_2024(client):
            users = [f"user-{n}" for n in range(10)]
            date = {"send_date": "2024-01-01 00:00", "ignore_user_timezone": True}
            result = await client.create_message(Notification(content="Hello", users=users, **date))
            return result.message_codes[0]

        @pytest.mark.asyncio
        async def test_real_time(pushwoosh_client):
            code = await code_of_2024(pushwoosh_client)
            with pytest.raises(InvalidRequestError):
                await pushwoosh_client.cancel_message(code)

        @pytest.mark.asyncio
        async def test_fake_time(pushwoosh_client, pushwoosh_clock):
            await pushwoosh_client.cancel_message(await code_of_2024(pushwoosh_client))
            late = await code_of_2024(pushwoosh_client)
            pushwoosh_clock.advance(365 * 86_400)
            with pytest.raises(InvalidRequestError):
                await pushwoosh_client.cancel_message(late)
    """
    run_tests(lines).assert_outcomes(passed=2)


def test_another_sandbox_takes_the_place_of_ours(run_tests: RunTests) -> None:
    """Everything else follows a fixture that overrides it."""
    lines = """
        import pytest
        from pushwoosh_async import Notification
        from pushwoosh_async.sandbox import Sandbox
        from pushwoosh_async.testing import run_in_thread

        @pytest.fixture
        def pushwoosh_sandbox():
            with run_in_thread(Sandbox(unknown=["user-1"])) as sandbox:
                yield sandbox

        @pytest.mark.asyncio
        async def test_it(pushwoosh_client, assert_sent_once):
            hello = Notification(content="Hello", users=["user-1", "user-2"])
            result = await pushwoosh_client.create_message(hello)
            assert result.unknown_devices
            assert_sent_once("user-2")
            with pytest.raises(AssertionError, match="user-1 was sent nothing"):
                assert_sent_once("user-1")
    """
    run_tests(lines).assert_outcomes(passed=1)
