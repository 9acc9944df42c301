"""How does an error become one line on standard error that names the option and the rule?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import typer

from pushwoosh_async import ConfigurationError, Delivery, FilterSyntaxError, PushwooshError
from pushwoosh_async.cli.exit_codes import ExitCode, code_of_refusal
from pushwoosh_async.cli.words import joined

PROGRAM = "pushwoosh-async"

_LEADING = re.compile(r"[a-z_]+(\.[a-z_]+)*")
_POSITION = re.compile(r"(users|devices)\[(\d+)\]")
_IN_MESSAGE = re.compile(r"notifications\[(\d+)\]\.(users|devices)\[(\d+)\]")
_ROW = re.compile(r"recipients\[(\d+)\]\.")
_KEYWORD = re.compile(r"\b([a-z_]+)=(?=(['\w])?)")


class RefusedError(Exception):
    """A command ends here. The text says why, for people.

    Attributes:
        code: with which it ends.
        delivery: what became of a call it made.
        below: lines that show the place: of a filter's text, with a caret under it.
        place: the same for machines.
    """

    def __init__(
        self,
        text: str,
        below: Sequence[str] = (),
        place: Mapping[str, object] = {},
        *,
        code: ExitCode,
        delivery: Delivery = "not_sent",
    ) -> None:
        super().__init__(text)
        self.code = code
        self.delivery: Delivery = delivery
        self.below = tuple(below)
        self.place = place


class BadInputError(RefusedError):
    """What the user gave cannot be used. The text names the option and the rule."""

    def __init__(
        self, text: str, below: Sequence[str] = (), place: Mapping[str, object] = {}
    ) -> None:
        super().__init__(text, below, place, code=ExitCode.BAD_INPUT)


@runtime_checkable
class UsageError(Protocol):
    """A complaint of typer's own parser, whichever package typer keeps its class in.

    Attributes:
        ctx: of the command that was typed; None where parsing did not get that far.
    """

    ctx: typer.Context | None

    def format_message(self) -> str:
        """Return the complaint in words."""


def printable(text: str) -> str:
    r"""Return a text that a terminal takes as text: what is not printable is written as ``\x1b``.

    File names, files and servers could otherwise move the cursor or colour the screen.
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def complain(text: str, below: Sequence[str] = ()) -> None:
    """Write one line to standard error, and others below it as they stand."""
    typer.echo(f"{PROGRAM}: {printable(' '.join(text.split()))}", err=True)
    for line in below:
        typer.echo(printable(line), err=True)


def misread_filter(option: str, error: FilterSyntaxError) -> BadInputError:
    """Return the complaint about a filter's text: what is wrong, then the place with its caret."""
    complaint, *place = str(error).split("\n")
    numbers = {"line": error.line, "column": error.column, "expected": error.expected}
    return BadInputError(f"{option}: {complaint}", place, numbers)


def in_options(text: str, names: Mapping[str, str]) -> str:
    """Return a message of the library with its argument names as the options they came from.

    Args:
        text: such as ``"chunk_size: must be 1 to 1000, got 0"``.
        names: the option by the argument.
    """

    def keyword(match: re.Match[str]) -> str:
        option = names.get(match[1])
        if option is None:
            return match[0]
        return f"{option} " if match[2] else option

    text = _placed(_KEYWORD.sub(keyword, text), names)
    leading = _LEADING.match(text)
    if leading is None:
        return text
    # "retry.window" may be an option's own; else "tags.Age" is a place in what "tags" gave.
    for argument in (leading[0], leading[0].partition(".")[0]):
        if argument in names:
            return names[argument] + text[len(argument) :]
    return text


def _placed(text: str, names: Mapping[str, str]) -> str:
    """Return a message that begins with a place in what was given, with that in words."""

    def option(argument: str) -> str:
        return names.get(argument, argument)

    if found := _POSITION.match(text):
        place = f"{option(found[1])}: id {int(found[2]) + 1:,}"
    elif found := _IN_MESSAGE.match(text):
        place = f"{option(found[2])}: message {int(found[1]) + 1:,}, id {int(found[3]) + 1:,}"
    elif found := _ROW.match(text):
        place = f"{option('recipients')}: row {int(found[1]) + 1:,}, "
    else:
        return text
    return place + text[found.end() :]


def words_of(error: Exception, names: Mapping[str, str]) -> str:
    """Return how a run's error is told: ours by its text, a foreign one with its kind before it."""
    if isinstance(error, PushwooshError):
        return in_options(str(error), names)
    return f"{type(error).__name__}: {error}"


@contextmanager
def naming(names: Mapping[str, str]) -> Iterator[None]:
    """Turn what the library refuses, before anything is sent, into a complaint about options.

    Raises:
        BadInputError: instead of the errors for wrong values, wrong types and unreadable files.
        RefusedError: instead of what a journal does not allow.
    """
    try:
        yield
    except PushwooshError as error:
        refusal = refusal_of(error, names)
    except (TypeError, ValueError, ImportError) as error:
        refusal = BadInputError(in_options(str(error), names))
    except OSError as error:
        refusal = BadInputError(error.strerror or str(error))
    else:
        return
    raise refusal


def refusal_of(error: PushwooshError, names: Mapping[str, str]) -> RefusedError:
    """Return how a command ends that the library did not let go on.

    Args:
        error: of the library.
        names: the option by the argument.
    """
    complaint = in_options(str(error), names)
    if isinstance(error, ConfigurationError):
        return BadInputError(complaint)
    text = joined(complaint, getattr(error, "__notes__", ()))
    return RefusedError(text, code=code_of_refusal(error), delivery=error.delivery)
