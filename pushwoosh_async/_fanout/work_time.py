"""How long was a run at work, sessions that were killed included? Pure."""

from pushwoosh_async._fanout.journal import Ending, Record

# Seconds. A longer silence is taken for the time between two sessions.
_SILENCE = 60.0


class WorkTime:
    """Adds up the time of the sessions of a run, told its records in the order of the input.

    A session that ended by itself wrote down its time. One that was killed did not: what its records
    show is counted instead, to within a few seconds.

    Attributes:
        seconds: the sum.
    """

    def __init__(self, ending: Ending | None) -> None:
        self.seconds = ending.seconds if ending is not None else 0.0
        self._latest = ending.ended if ending is not None else 0.0
        self._counting = False

    def add(self, record: Record) -> None:
        """Take one record more."""
        for moment in (record.began, record.ended):
            if moment <= self._latest:
                continue
            gap = moment - self._latest
            if self._counting and gap <= _SILENCE:
                self.seconds += gap
            self._latest, self._counting = moment, True
