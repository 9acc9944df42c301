"""The process that imports the library, or only what it depends on; prints the CPU seconds that took.

CPU, since every file is in the memory of the machine, and waiting would be for other processes.
"""

import json
import sys
import time
from importlib import import_module

IMPORTED = {
    "library": ("pushwoosh_async",),
    "dependencies": ("anyio", "attrs", "cattrs", "httpx", "orjson", "tenacity"),
}


def main(which: str) -> None:
    """Import, print."""
    start = time.process_time()
    for name in IMPORTED[which]:
        import_module(name)
    print(json.dumps(time.process_time() - start))


if __name__ == "__main__":
    main(sys.argv[1])
