"""The token in what a server says: in no error, event or log line of ours."""

import pytest
from canary import (
    ECHOES,
    HEADER_ECHOES,
    NOTE,
    ODD_ECHOES,
    PLAIN,
    SOON_OVER,
    Answer,
    Watch,
    each_way,
    echo,
    open_client,
)

from pushwoosh_async import PushwooshError

from .failing import failing

pytestmark = pytest.mark.row("R3")


# A parser names the line that it cannot read; httpcore logs that at DEBUG, which is not ours to change.
PARSERS = ("httpcore", "httpx")


@each_way
@pytest.mark.parametrize(
    ("answer", "quoting"),
    [
        *((answer, ()) for answer in ECHOES.values()),
        *((answer, PARSERS) for answer in ODD_ECHOES.values()),
    ],
    ids=[*ECHOES, *ODD_ECHOES],
)
async def test_server_that_echoes_the_token_is_not_quoted(
    way: str, answer: Answer, quoting: tuple[str, ...], watch: Watch
) -> None:
    """Whatever the server's text holds, whole, split or escaped, our errors and logs have it not."""
    async with (
        echo(answer) as port,
        open_client(way, f"http://127.0.0.1:{port}", watch, retry=SOON_OVER) as client,
    ):
        await failing(client, watch)
    watch.check(without=quoting)


@each_way
@pytest.mark.parametrize("answer", HEADER_ECHOES.values(), ids=HEADER_ECHOES)
async def test_headers_are_not_quoted(way: str, answer: Answer, watch: Watch) -> None:
    """No error, event or log line of ours has a header's text."""
    async with (
        echo(answer) as port,
        open_client(way, f"http://127.0.0.1:{port}", watch, token=PLAIN, retry=SOON_OVER) as client,
    ):
        with pytest.raises(PushwooshError) as caught:
            await client.create_message(NOTE)
        watch.check_error(caught.value)
    watch.check(without=PARSERS)
