"""What is written into a run's journal before its first request?"""

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import evolve

from pushwoosh_async._client_run_options import RunOptions
from pushwoosh_async._clock import Clock
from pushwoosh_async._fanout.intake import fingerprint_of, recipe_of, size_of
from pushwoosh_async._fanout.journal import RunFacts
from pushwoosh_async._fanout.promise import Promise
from pushwoosh_async._transport.retry import RetryPolicy
from pushwoosh_async._version import __version__
from pushwoosh_async._wire.encode import Target, Template
from pushwoosh_async._wire.identity import RunIdentity


def facts_of(
    *,
    source: Any,
    kind: str,
    identity: RunIdentity,
    target: Target,
    template: Template | None,
    options: RunOptions,
    policy: RetryPolicy,
    clock: Clock,
    promise: Promise | None,
) -> Callable[[], Awaitable[RunFacts]]:
    """Return what will look up the facts of a run, when it begins.

    `template` is what all are sent; None where each has its own. `promise` is checked first.
    """
    facts = RunFacts(
        run_id=str(identity.run_id),
        send_id=options.send_id,
        base_url=identity.base_url,
        application=target.code if target.key == "application" else None,
        applications_group=target.code if target.key != "application" else None,
        kind=kind,
        template_digest="" if template is None else template.digest,
        notification="{}" if template is None else template.text,
        chunk_size=options.chunk_size,
        dedupe=options.dedupe,
        invalid=options.invalid,
        source=recipe_of(source),
        total=size_of(source, kind),
        window=policy.window,
        margin=policy.margin,
        store_ids=options.store_ids,
        concurrency=options.concurrency,
        library=__version__,
        created=clock.stamp(),
    )

    async def looked_up() -> RunFacts:
        if promise is not None:
            await promise.check()
        # A file is read once more for it: only where somebody will compare.
        found = await fingerprint_of(source) if options.path is not None else ""
        return evolve(facts, fingerprint=found, created=clock.stamp())

    return looked_up
