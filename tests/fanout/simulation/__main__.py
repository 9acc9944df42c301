"""What happened with this seed? ``python -m tests.fanout.simulation 1234`` lives it again and tells all."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from simulation.replay import live_seed


def tell(text: str) -> None:
    """Show a line."""
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Return 1 if something went wrong with a seed that was named."""
    worlds = [live_seed(int(seed), tell=tell) for seed in sys.argv[1:]]
    wrong = [text for world in worlds for text in world.witness.wrong]
    tell("\n".join(wrong) or "nothing went wrong")
    return bool(wrong)


sys.exit(main())
