"""What do the commands that make a single call have in common? How to reach the API, and an ending."""

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Concatenate, Literal, TypeAlias, get_args

import anyio
from typer.models import ArgumentInfo, OptionInfo

from pushwoosh_async.cli.asking import Asking, Call, Effect
from pushwoosh_async.cli.connection import TIMEOUT, connection
from pushwoosh_async.cli.exit_codes import ExitCode
from pushwoosh_async.cli.options import (
    ApplicationOption,
    BaseUrlOption,
    DeviceTokenFileOption,
    JsonOption,
    TimeoutOption,
    TokenFileOption,
)

Work: TypeAlias = Callable[Concatenate[Call, ...], Awaitable[None]]
Command: TypeAlias = Callable[..., ExitCode]

_TOKENS = {"api": "token_file", "device": "device_token_file"}


def calls(
    effect: Effect,
    *,
    application: bool = False,
    opened_by: Literal["api", "device"] = "api",
    json_option: Any = JsonOption,
) -> Callable[[Work], Command]:
    """Make a command of a coroutine, with the options that reach the API behind its own.

    Args:
        effect: what the call does.
        application: whether it needs one.
        opened_by: which token opens it.
        json_option: ``--json``, where it prints more than one object.
    """
    reach = [*(["application"] if application else []), "base_url", _TOKENS[opened_by]]

    def decorate(work: Work) -> Command:
        own = list(inspect.signature(work).parameters.values())[1:]
        names = {parameter.name: _typed_as(parameter) for parameter in own}

        @wraps(work)
        def command(*, timeout: float, as_json: bool, **given: Any) -> ExitCode:
            reached = connection(timeout=timeout, **{name: given.pop(name) for name in reach})
            asking = Asking(effect, reached, {**names, **reached.names}, as_json=as_json)
            try:
                return anyio.run(asking.run, lambda call: work(call, **given))
            except KeyboardInterrupt:
                return asking.cancelled()

        shared = [_SHARED[name] for name in [*reach, "timeout"]]
        shared.append(_parameter("as_json", json_option, default=False))
        command.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
        return command

    return decorate


def _parameter(name: str, option: Any, default: object = None) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=option, default=default
    )


_SHARED = {
    parameter.name: parameter
    for parameter in (
        _parameter("application", ApplicationOption),
        _parameter("base_url", BaseUrlOption),
        _parameter("token_file", TokenFileOption),
        _parameter("device_token_file", DeviceTokenFileOption),
        _parameter("timeout", TimeoutOption, TIMEOUT),
    )
}


def _typed_as(parameter: inspect.Parameter) -> str:
    """Return what a user types for a parameter: an argument's placeholder, or an option."""
    (declared,) = (
        item
        for item in get_args(parameter.annotation)
        if isinstance(item, ArgumentInfo | OptionInfo)
    )
    if isinstance(declared, ArgumentInfo):
        return str(declared.metavar)
    spelled = [name for name in (declared.default, *(declared.param_decls or ())) if name]
    return (
        str(spelled[0])
        if spelled and spelled[0] != ...
        else f"--{parameter.name.replace('_', '-')}"
    )
