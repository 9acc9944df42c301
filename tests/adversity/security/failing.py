"""How is a client made to fail in every way of its own? By one message, and by a run."""

import pytest
from canary import CONTENT, NOTE, USER, Watch, shows, ways_to_show

from pushwoosh_async import Notification, PushwooshClient, PushwooshError


async def failing(client: PushwooshClient, watch: Watch) -> PushwooshError:
    """Fail to send a message and then a run; check both errors, return the first."""
    with pytest.raises(PushwooshError) as caught:
        await client.create_message(NOTE)
    watch.check_error(caught.value)
    run = client.fan_out(Notification(content=CONTENT), users=[USER], deadline=0.05)
    try:
        await run
    except PushwooshError as error:
        watch.check_error(error)
    watch.check_reach(run, client)
    assert [text for text in ways_to_show(run.report) if shows(text)] == []
    assert [text for text in ways_to_show(run.progress) if shows(text)] == []
    return caught.value
