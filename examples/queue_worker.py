"""Work off a queue of jobs: each is acknowledged only after its outcome is known.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    mkdir -p queue/new && echo '{"user": "user-1", "text": "Hello"}' > queue/new/1.json
    python examples/queue_worker.py queue

The queue is a folder, and a job a file in it that is moved: from `new` to `taken` before it is sent, then

* accepted: deleted. That is the acknowledgement.
* not sent, certainly: back to `new`, for the next time.
* rejected: to `rejected`. Sending the same again would be refused again.
* in doubt: to `in_doubt`, for a person. Put back into the queue it could be sent twice. What a killed
  worker left in `taken` is in doubt, too.

Without an account: run `pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pushwoosh_async import BatchingSender, Notification, PushwooshClient, PushwooshError

AT_ONCE = 1000
# Where the file of a job goes that was not accepted.
FOLDERS = {"not_sent": "new", "rejected": "rejected", "in_doubt": "in_doubt"}


async def work_off(sender: BatchingSender, jobs: Iterator[Path], queue: Path) -> Counter[str]:
    """Take one job after the other; return how many ended how."""
    ended: Counter[str] = Counter()
    for job in jobs:
        taken = job.rename(queue / "taken" / job.name)
        outcome = await deliver(sender, taken)
        if outcome == "accepted":
            taken.unlink()
        else:
            taken.rename(queue / FOLDERS[outcome] / taken.name)
        ended[outcome] += 1
    return ended


async def deliver(sender: BatchingSender, job: Path) -> str:
    """Send what a job asks for; return what became of it."""
    try:
        notification, user = read(job)
        await sender.send(notification, user=user)
    except (KeyError, TypeError, ValueError) as error:  # among them our ConfigurationError
        print(f"{job.name}: no job: {error!r}", file=sys.stderr)
        return "rejected"
    except PushwooshError as error:
        print(f"{job.name}: {error.delivery}: {error}", file=sys.stderr)
        return error.delivery
    return "accepted"


def read(job: Path) -> tuple[Notification, str]:
    """Return what a job asks for."""
    wanted = json.loads(job.read_text())
    return Notification(content=wanted["text"]), wanted["user"]


async def main(queue: Path) -> int:
    """Work off what is in the queue; return 0 if all of it was accepted."""
    for name in ("new", "taken", *FOLDERS.values()):
        (queue / name).mkdir(parents=True, exist_ok=True)
    for left in sorted((queue / "taken").iterdir()):
        left.rename(queue / "in_doubt" / left.name)

    jobs = iter(sorted((queue / "new").iterdir()))  # one iterator, from which all workers take
    async with PushwooshClient() as client, BatchingSender(client) as sender:
        workers = [work_off(sender, jobs, queue) for _ in range(AT_ONCE)]
        ended = sum(await asyncio.gather(*workers), Counter[str]())
    for outcome, count in sorted(ended.items()):
        print(f"{outcome}  {count}")
    return 0 if set(ended) <= {"accepted"} else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} QUEUE")
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
