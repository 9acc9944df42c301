"""Which rows are there? All parts of the book, in its order."""

from adversity.row import Row

from .compatibility import COMPATIBILITY
from .endurance import FUZZ, SOAK
from .inputs import INPUTS
from .models import MODELS
from .network import NETWORK
from .process import PROCESS
from .security import SECURITY
from .server import SERVER

PARTS: dict[str, tuple[Row, ...]] = {
    "Network": NETWORK,
    "Server": SERVER,
    "Process": PROCESS,
    "Input": INPUTS,
    "Security": SECURITY,
    "Endurance": SOAK,
    "Fuzzing": FUZZ,
    "Compatibility": COMPATIBILITY,
    "Models": MODELS,
}
ROWS: dict[str, Row] = {row.number: row for part in PARTS.values() for row in part}

__all__ = ["PARTS", "ROWS", "Row"]
