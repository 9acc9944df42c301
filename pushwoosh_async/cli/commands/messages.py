"""``delete-message``, ``cancel-message`` and ``get-message-details``: a message that was created."""

from pushwoosh_async.cli.asking import Call, Effect
from pushwoosh_async.cli.calling import calls
from pushwoosh_async.cli.documents import document
from pushwoosh_async.cli.options import CodeArgument
from pushwoosh_async.cli.result_text import details_listing


@calls(Effect.CHANGES)
async def delete_message(call: Call, message_code: CodeArgument) -> None:
    """Delete a scheduled message."""
    await call.client.delete_message(message_code)
    call.tell("Deleted.", {"done": True})


@calls(Effect.CHANGES)
async def cancel_message(call: Call, message_code: CodeArgument) -> None:
    """Cancel a scheduled message.

    What that does beyond delete-message the vendor does not say.
    """
    await call.client.cancel_message(message_code)
    call.tell("Cancelled.", {"done": True})


@calls(Effect.READS)
async def get_message_details(call: Call, message: CodeArgument) -> None:
    """Show what the API knows of a message.

    Its number will do for the code.
    """
    details = await call.client.get_message_details(message)
    call.tell(details_listing(details), document(details))
