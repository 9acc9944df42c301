"""Which request is this: transaction ids and digests. The recipes are a format: tests keep vectors.

A chunk has one transactionId for ever, derived from the run and from what is sent to whom, so that a
resumed run finds the same ids without having stored them (delivery.md 2.1). Changing a recipe means
raising `FORMAT`.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from attrs import frozen

FORMAT = 1


def random_transaction_id() -> str:
    """Return an id for a single call: a random UUID, as the vendor asks [ES:72]."""
    return str(uuid.uuid4())


def encode_ids(ids: Sequence[str]) -> bytes:
    """Return the JSON array of a list of ids, as a request carries it.

    Raises:
        TypeError: one is not exactly a str: the text of a subclass could change under our hands.
    """
    # orjson would write a number as one, and of an enum its value, whatever its text is.
    if list(map(type, ids)).count(str) != len(ids):  # half the time that a set of the types takes
        raise TypeError("an id is not exactly a str")
    return orjson.dumps(ids)


def decode_ids(encoded: bytes) -> list[str]:
    """Return the ids of an array that `encode_ids` made."""
    ids: list[str] = orjson.loads(encoded)
    return ids


def ids_digest(encoded: bytes) -> bytes:
    """Return the sha256 of a list of ids, told its JSON array; two lists share it only if equal.

    The array is as unambiguous as a length before each text (delivery.md 2.1), and there already: 20 us
    for 1000 ids instead of 44. Vectors in the tests hold its escapes still.
    """
    return hashlib.sha256(encoded).digest()


def template_digest(fields: Mapping[str, Any]) -> str:
    """Return the sha256 of a notification's wire fields without recipients and transactionId."""
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).hexdigest()


@frozen
class RunIdentity:
    """What every chunk of a run shares.

    Attributes:
        run_id: random, or derived from the caller's `send_id`.
        base_url: where it is sent.
        target: application or group code.
    """

    run_id: uuid.UUID
    base_url: str
    target: str

    def transaction_id(self, path: str, kind: str, template_digest: str, ids_digest: bytes) -> str:
        """Return the transactionId of a chunk.

        Args:
            path: its name in the run, such as ``"17"``.
            kind: ``"users"`` or ``"devices"``.
            template_digest: of what is sent.
            ids_digest: of whom it goes to.
        """
        name = orjson.dumps(
            [
                FORMAT,
                self.base_url,
                self.target,
                path,
                kind,
                template_digest,
                ids_digest.hex(),
            ]
        )
        return str(uuid.uuid5(self.run_id, name.decode()))


def run_id(send_id: str | None) -> uuid.UUID:
    """Return a run's id: random, or the same again for the same `send_id`."""
    if send_id is None:
        return uuid.uuid4()
    return uuid.uuid5(uuid.NAMESPACE_URL, f"pushwoosh-async:{send_id}")
