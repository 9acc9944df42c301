"""A redirect of any method is not followed: a body or a header would take the token elsewhere."""

import pytest
from canary import TOKEN, USER
from fault_server import answer, fault_server
from wire_clients import NOTE, Way, each_way, open_client

from adversity.story import Story
from pushwoosh_async import PushwooshError


@pytest.mark.row("R7")
@each_way
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_reaches_nobody(way: Way, status: int, story: Story) -> None:
    """Whichever call is made, and wherever its token travels: the other host gets no byte."""
    async with fault_server() as other, fault_server() as server:
        server.default = answer(status, b"", [("Location", f"{other.url}/json/1.3/createMessage")])
        async with open_client(way, server.url, device_api_token=TOKEN) as client:
            kinds = set()
            for call in (
                lambda: client.create_message(NOTE),
                lambda: client.set_tags({"Age": 1}, hwid=USER),
                lambda: client.get_message_totals("CODE"),
                lambda: client.get_message_details("CODE"),
            ):
                with pytest.raises(PushwooshError) as caught:
                    await call()
                assert other.url not in str(caught.value)
                kinds.add(type(caught.value).__name__)
        assert (other.connections, other.bytes_received) == (0, 0)
        assert len(server.requests) == 4
    story.saw(f"{', '.join(kinds)}; {other.bytes_received} bytes to the other host")
