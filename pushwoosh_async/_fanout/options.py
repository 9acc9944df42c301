"""The options of a run, checked before anything begins."""

from pushwoosh_async.errors import ConfigurationError

_LONGEST = 1e9  # seconds: thirty years


def check_count(name: str, value: object, least: int, most: int, why: str = "") -> None:
    """Refuse what is not an int from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected an int, got {type(value).__name__}")
    if not least <= value <= most:
        raise ConfigurationError(f"{name}: must be {least} to {most}{why}, got {value}")


def check_choice(name: str, value: object, *choices: str) -> None:
    """Refuse what is not one of the choices."""
    if type(value) is not str:
        raise TypeError(f"{name}: expected a str, got {type(value).__name__}")
    if value not in choices:
        raise ConfigurationError(f"{name}: must be one of {', '.join(map(repr, choices))}")


def check_flag(name: str, value: object) -> None:
    """Refuse what is not a bool."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}: expected a bool, got {type(value).__name__}")


def check_seconds(name: str, value: object) -> None:
    """Refuse what is not a number of seconds above zero."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name}: expected seconds as a number, got {type(value).__name__}")
    if not 0 < value < _LONGEST:
        raise ConfigurationError(f"{name}: must be above 0 seconds, and below {_LONGEST:g}")


def check_name(name: str, value: object) -> None:
    """Refuse what is neither None nor a str with something in it."""
    if value is None:
        return
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected a str, got {type(value).__name__}")
    if not value.strip() or not value.isprintable():
        raise ConfigurationError(f"{name}: must be printable, and not blank")
