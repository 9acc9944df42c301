"""Which bytes break a target? ``python -m tests.adversity.fuzz.run filter --seconds 60`` searches for some.

atheris makes them up, guided by what they reach. What reaches new code is kept in a folder, as are bytes
that broke something: put these into ``corpus/TARGET/``, and mend what they broke.
"""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[2]
MEMORY_MB = 1024
LONGEST = 64 * 1024  # bytes of an input
_PATIENCE = 20  # seconds for one input before it counts as a hang, on a machine under load


def main() -> None:
    """Search for so many seconds; never returns, as libFuzzer ends the process."""
    atheris: Any = importlib.import_module(
        "atheris"
    )  # it has no types, and no wheel for every Python
    targets = _instrumented(atheris)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(targets))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="the folder; by default a new one")
    asked = parser.parse_args()
    target = targets[asked.target]
    folder = asked.keep or Path(tempfile.mkdtemp(prefix=f"fuzz-{target.name}-"))
    options = {
        "max_total_time": asked.seconds,
        "seed": asked.seed,
        "dict": _dictionary(folder, target.tokens),
        "max_len": LONGEST,
        "rss_limit_mb": MEMORY_MB,
        "timeout": _PATIENCE,
        "artifact_prefix": f"{folder}/broke-",
    }
    found = folder / "found"
    found.mkdir(exist_ok=True)
    arguments = [*(f"-{name}={value}" for name, value in options.items()), str(found)]
    atheris.Setup([sys.argv[0], *arguments, *map(str, target.folders())], target.feed)
    atheris.Fuzz()


def _instrumented(atheris: Any) -> Any:
    """Return the targets, our package being watched from its first import on."""
    sys.path.insert(0, str(_TESTS))
    with atheris.instrument_imports(include=["pushwoosh_async"], enable_loader_override=False):
        return importlib.import_module("adversity.fuzz.targets").TARGETS


def _dictionary(folder: Path, tokens: tuple[bytes, ...]) -> Path:
    """Write the tokens as libFuzzer reads them; it takes none of 64 bytes or more."""
    words = folder / "tokens"
    escaped = ("".join(f"\\x{byte:02x}" for byte in each) for each in tokens if len(each) < 64)
    words.write_text("".join(f'"{each}"\n' for each in escaped))
    return words


if __name__ == "__main__":
    main()
