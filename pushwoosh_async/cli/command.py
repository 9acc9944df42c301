"""May an option be given twice? Only where it takes several values: else the first would be lost."""

from collections import Counter
from typing import Any

from typer.core import TyperCommand, TyperOption

from pushwoosh_async.cli.complaints import BadInputError


class Command(TyperCommand):
    """A command that refuses an option of one value when it is given twice."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what was typed.

        Raises:
            BadInputError: an option of one value is there twice. A flag may be: it says the same.
        """
        _, _, typed = self.make_parser(ctx).parse_args(args=list(args))
        for parameter, times in Counter(typed).items():
            if times > 1 and isinstance(parameter, TyperOption) and _holds_one(parameter):
                raise BadInputError(f"{parameter.opts[0]}: give it once")
        return super().parse_args(ctx, args)


def _holds_one(option: TyperOption) -> bool:
    return not (option.multiple or option.is_flag)
