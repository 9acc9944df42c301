"""The scripted server itself: what it counts is what the other tests believe."""

from fault_server import fault_server, serve
from wire_clients import NOTE, Way, each_way, open_client


@each_way
async def test_it_counts_requests_and_connections(way: Way) -> None:
    """Two calls in a row are two complete requests on one connection."""
    async with fault_server(serve) as server, open_client(way, server.url) as client:
        first = await client.create_message(NOTE)
        second = await client.create_message(NOTE)

        assert first.message_codes == second.message_codes == ("CODE-1",)
        assert [r.transaction_ids for r in server.complete] == [
            first.transaction_ids,
            second.transaction_ids,
        ]
        assert server.connections == 1
        assert {r.target for r in server.requests} == {"/json/1.3/createMessage"}
