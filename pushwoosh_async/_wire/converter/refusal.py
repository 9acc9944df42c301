"""What was refused, and where: an error whose path grows while it rises, and which shows no value."""

# Real payloads are less than ten deep; far below Python's own limit, and a value that contains
# itself reaches it at once.
MAX_DEPTH = 100


class RefusedError(Exception):
    """A value of the wrong type, and the path to it, which grows while the error rises.

    `inside` says that the value is a container of the right kind that holds something wrong.
    """

    def __init__(self, expected: str, value: object, *, inside: bool = False) -> None:
        super().__init__()
        got = "None" if value is None else type(value).__name__
        self.expected = expected
        self.complaint = f"expected {expected}, got {got}"
        self.path = ""
        self.inside = inside

    def rise(self, way: str) -> None:
        """Note one step of the path, from the container to what was refused in it."""
        self.path = way + self.path
        self.inside = True

    def at(self, place: str) -> str:
        """Return the complaint, told what the whole path is called."""
        return f"{place}: {self.complaint}"


class TooDeepError(RefusedError):
    """Nested beyond `MAX_DEPTH`."""

    def __init__(self) -> None:
        super().__init__("", None, inside=True)
        self.complaint = f"is nested more than {MAX_DEPTH} deep, or contains itself"

    def rise(self, way: str) -> None:
        """Keep the outermost step alone: a hundred steps would tell nobody anything."""
        self.path = way


def step(key: object) -> str:
    """Return how a path in an error message goes from a mapping to the value under `key`."""
    if isinstance(key, str) and key.isidentifier():
        return f".{key}"
    text = repr(key)
    return f"[{text if len(text) <= 40 else text[:37] + '...'}]"
