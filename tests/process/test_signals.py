"""SIGTERM to a program that drains at the first and cancels at the second: the journal is left sound."""

from pathlib import Path

from .world import World


def test_once(tmp_path: Path) -> None:
    """What is in flight gets its answer, the rest is not sent, and a resume sends it."""
    with World(tmp_path, "--latency", "0.1") as world:
        process = world.start()
        world.await_arrivals(5)
        world.terminate(process)
        told = world.end(process)

        world.assert_sound(told)
        assert (told.error, told.report.in_doubt) == ("", 0)
        assert 0 < told.report.accepted == world.count - told.report.not_sent < world.count

        assert world.run().report.accepted == world.count
        world.assert_sound()


def test_twice(tmp_path: Path) -> None:
    """Who is cancelled waits for answers under way, for a bounded time, and labels everybody."""
    with World(tmp_path, "--latency", "0.5") as world:
        process = world.start()
        world.await_arrivals(6)
        world.terminate(process)
        world.terminate(process)
        told = world.end(process)

        world.assert_sound(told)
        assert told.error == "CancelledError"
        assert 0 < told.report.accepted < world.count

        assert world.run().report.accepted == world.count
        world.assert_sound()
