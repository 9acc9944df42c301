"""``register-device`` and the commands beside it: devices, users and their tags."""

from typing import Annotated

import typer

from pushwoosh_async import Device
from pushwoosh_async.cli.asking import Call, Effect
from pushwoosh_async.cli.calling import calls
from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.composing import Setting, composed, setting
from pushwoosh_async.cli.options import DeviceTypeOption, HwidOption, TagOption, UserIdOption
from pushwoosh_async.cli.tags_text import tags_listing, tags_of


@calls(Effect.CHANGES, application=True, opened_by="device")
async def register_device(
    call: Call,
    hwid: HwidOption = None,
    device_type: DeviceTypeOption = None,
    push_token: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the platform's push service gave.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="XX", help="Two lower-case letters.")
    ] = None,
    timezone: Annotated[int | None, typer.Option(metavar="S", help="Seconds east of UTC.")] = None,
    user_id: UserIdOption = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Instead of a hwid.")] = None,
    tags: TagOption = None,
    device: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The device as the API's JSON, for all the rest."),
    ] = None,
) -> None:
    """Make a device known, or change it.

    A phone number for SMS is one, too: its hwid is the number, its type 18.
    """
    settings = [
        setting("hwid", hwid),
        setting("device_type", device_type),
        setting("push_token", push_token),
        setting("language", language),
        setting("timezone", timezone),
        Setting("--user-id", "user_id", "userId", user_id),
        setting("email", email),
        Setting("--tag", "tags", "tags", tags_of(tags) if tags else None),
    ]
    await call.client.register_device(
        composed(Device, settings, file_option="--device", path=device)
    )
    call.tell("Registered.", {"done": True})


@calls(Effect.CHANGES, application=True, opened_by="device")
async def unregister_device(
    call: Call,
    hwid: Annotated[
        str, typer.Argument(metavar="HWID", help="Its hardware id.", show_default=False)
    ],
) -> None:
    """Make a device unknown.

    It gets no more messages.
    """
    await call.client.unregister_device(hwid)
    call.tell("Unregistered.", {"done": True})


@calls(Effect.CHANGES, application=True, opened_by="device")
async def register_user(
    call: Call,
    user_id: Annotated[str, typer.Argument(metavar="USER_ID", help="The id.", show_default=False)],
    hwid: Annotated[
        str, typer.Option(metavar="ID", help="The device's hardware id.", show_default=False)
    ],
    tz_offset: Annotated[
        int | None, typer.Option(metavar="S", help="The user's offset from UTC in seconds.")
    ] = None,
    device_type: DeviceTypeOption = None,
) -> None:
    """Give the user of a device an id.

    Messages can then be sent to it.
    """
    await call.client.register_user(
        user_id, hwid=hwid, tz_offset=tz_offset, device_type=device_type
    )
    call.tell("Registered.", {"done": True})


@calls(Effect.CHANGES, application=True, opened_by="device")
async def set_tags(
    call: Call,
    tags: TagOption = None,
    hwid: HwidOption = None,
    user_id: UserIdOption = None,
) -> None:
    """Set tags of a device, or of a user.

    Those of a user are set on all devices.
    """
    _require_one(hwid, user_id)
    await call.client.set_tags(tags_of(tags or ()), hwid=hwid, user_id=user_id)
    call.tell("Set.", {"done": True})


@calls(Effect.READS, application=True, opened_by="device")
async def get_tags(call: Call, hwid: HwidOption = None, user_id: UserIdOption = None) -> None:
    """Show the tags of a device, or of a user."""
    _require_one(hwid, user_id)
    tags = await call.client.get_tags(hwid=hwid, user_id=user_id)
    call.tell(tags_listing(tags), {"tags": tags})


def _require_one(hwid: str | None, user_id: str | None) -> None:
    if (hwid is None) == (user_id is None):
        raise BadInputError("--hwid: give it or --user-id, one of them")
