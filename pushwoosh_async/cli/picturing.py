"""How does a journal's run become the picture that its HTML report shows? Pure."""

from pathlib import PurePath

from pushwoosh_async import RunRecord, RunSlice
from pushwoosh_async.cli.html.picture import Interval, RunPicture
from pushwoosh_async.cli.recipients import is_of_each
from pushwoosh_async.cli.report_text import may_settle


def picture_of(run: RunRecord, journal: str) -> RunPicture:
    """Return it. Its title is the name of the journal's file, which names no recipient.

    Args:
        run: what the journal knows.
        journal: its path.
    """
    return RunPicture(
        title=PurePath(journal).stem,
        application=run.application or run.applications_group or "",
        kind=run.kind,
        of_each=is_of_each(run),
        run_id=run.run_id,
        base_url=run.base_url,
        chunk_size=run.chunk_size,
        concurrency=run.concurrency,
        library=run.library,
        created=run.created.timestamp(),
        ended=None if run.ended is None else run.ended.timestamp(),
        report=run.report,
        recalled=run.recalled,
        settles=may_settle(run),
        intervals=tuple(map(_interval, run.slices)),
    )


def _interval(each: RunSlice) -> Interval:
    return Interval(
        start=each.start.timestamp(),
        requests=each.requests,
        retries=each.retries,
        limited=each.limited,
        doubts=each.doubts,
        accepted=each.accepted,
        rejected=each.rejected,
        in_doubt=each.in_doubt,
        latencies=each.latencies,
    )
