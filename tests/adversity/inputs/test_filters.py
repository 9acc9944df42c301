"""Values that try to break out of a filter's quotes: who gets the message is who was meant (R20).

The sandbox reads filters with a parser of its own, and knows who has which tag.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adversity.effort import effort
from adversity.story import Story
from pushwoosh_async import (
    App,
    ConfigurationError,
    Device,
    PushwooshClient,
    StringTag,
    TargetedMessage,
    parse_filter,
)
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import client_options

OURS, OTHERS = "XXXXX-XXXXX", "ZZZZZ-ZZZZZ"

BREAKOUTS = [
    f'Paris") + A("{OTHERS}',
    f'Paris", EQ, "x") + A("{OTHERS}") + T("City',
    f'", ANY, "") + A("{OTHERS}") * T("City", EQ, "',
    f'Paris\\") + A(\\"{OTHERS}',
    '"',
    "\\",
    "Paris\\",
    f'Paris\n") + A("{OTHERS}")',
    "Paris\0",
    "Paris\x1b",
    "\ud800",
    f"Paris') + A('{OTHERS}",
    f"Paris\u201d) + A(\u201c{OTHERS}\u201d)",
    "Paris]",
    "Paris)",
    "Paris * City",
    "a, b",
    "%22",
    "&quot;",
    "\\u0022",
    "",
]


class Town:
    """Three devices: ours who is meant, ours who is not, and one like the first in another application."""

    def __init__(self, sandbox: Sandbox, ours: PushwooshClient, others: PushwooshClient) -> None:
        self._sandbox = sandbox
        self._ours = ours
        self._others = others

    async def settle(self) -> None:
        """Register them."""
        for client, hwid in ((self._ours, "meant"), (self._ours, "other"), (self._others, "far")):
            await client.register_device(Device(hwid=hwid, device_type=3, push_token=f"t-{hwid}"))

    async def reached_by(self, name: str, value: str) -> frozenset[str]:
        """Send to whoever of our application has this value, and tell whom it reached."""
        await self._ours.set_tags({name: value}, hwid="meant")
        await self._ours.set_tags({name: f"not {value}"}, hwid="other")
        await self._others.set_tags({name: value}, hwid="far")
        before = Counter(self._sandbox.ledger.counts())
        devices_filter = App(OURS) & StringTag(name).eq(value)
        assert parse_filter(str(devices_filter)) == devices_filter
        await self._ours.create_targeted_message(
            TargetedMessage(content="Hello", devices_filter=devices_filter)
        )
        return frozenset(Counter(self._sandbox.ledger.counts()) - before)


@asynccontextmanager
async def town() -> AsyncIterator[Town]:
    """Run a sandbox with the three."""
    async with Sandbox(applications=(OURS, OTHERS)) as sandbox:
        mine, theirs = client_options(sandbox), client_options(sandbox)
        mine["application"], theirs["application"] = OURS, OTHERS
        async with PushwooshClient(**mine) as ours, PushwooshClient(**theirs) as others:
            found = Town(sandbox, ours, others)
            await found.settle()
            yield found


def is_refused(name: str, value: str) -> bool:
    """Tell whether a filter cannot be made of it; that a question can be asked of the tag is another's."""
    try:
        StringTag(name).eq(value)
    except ConfigurationError:
        return True
    return False


@pytest.mark.row("R20")
async def test_breakouts(story: Story) -> None:
    """What would need an escape is refused, as the vendor documents none; all else is one value."""
    refused = [value for value in BREAKOUTS if is_refused("City", value)]
    assert set(refused) >= {value for value in BREAKOUTS if {*value} & {*'"\\\n\0\x1b'}}
    wrong = []
    async with town() as found:
        sound = [value for value in BREAKOUTS if value not in refused]
        for value in sound:
            reached = await found.reached_by("City", value)
            wrong += [value] if reached != {"meant"} else []
    assert not wrong
    story.saw(f"{len(refused)} refused, {len(sound)} sent: {len(wrong)} reached others than meant")


@pytest.mark.row("R20")
async def test_breakouts_in_a_name(story: Story) -> None:
    """The name of a tag stands in quotes, too."""
    names = [value for value in BREAKOUTS if value.strip()]
    refused = [name for name in names if is_refused(name, "Paris")]
    wrong = []
    async with town() as found:
        for name in set(names).difference(refused):
            reached = await found.reached_by(name, "Paris")
            wrong += [name] if reached != {"meant"} else []
    assert not wrong
    sent = len(names) - len(refused)
    story.saw(f"as a name: {len(refused)} refused, {sent} sent: {len(wrong)} reached others")


SIGNS = st.text(st.sampled_from('"\\()[]+*,AT aEQ\n\0\u201c\u2028'), max_size=12)


@pytest.mark.slow
@pytest.mark.row("R20")
def test_any_text(story: Story) -> None:
    """The same of any text."""
    wrong: list[str] = []
    with asyncio.Runner() as runner:
        entered = town()
        found = runner.run(entered.__aenter__())

        @settings(max_examples=effort(60, 1000))
        @given(SIGNS | st.text(max_size=8))
        def holds(value: str) -> None:
            if not is_refused("City", value):
                reached = runner.run(found.reached_by("City", value))
                wrong.extend([value] if reached != {"meant"} else [])
            assert not wrong

        try:
            holds()
        finally:
            runner.run(entered.__aexit__(None, None, None))
    story.saw(f"any text: {len(wrong)} reached others than meant")
