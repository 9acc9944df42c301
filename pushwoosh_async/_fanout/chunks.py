"""What is a chunk, and what can stand in its place: its halves, its successor. Pure."""

from typing import Literal, TypeAlias

from attrs import field, frozen

from pushwoosh_async._wire.encode import Template
from pushwoosh_async._wire.identity import RunIdentity, decode_ids, encode_ids, ids_digest

Kind: TypeAlias = Literal["users", "devices"]


@frozen
class Message:
    """What is sent, and by which kind of id.

    Attributes:
        kind: of the ids that it is sent to.
        template: its bytes, with holes for them and the transactionId.
        own: whether it is not the one of the whole run, so that a journal must tell which it is.
    """

    kind: Kind
    template: Template
    own: bool = False

    @property
    def content(self) -> str:
        """What a journal keeps of it: kind and digest; nothing of a message of the whole run."""
        return f"{self.kind} {self.template.digest}" if self.own else ""


@frozen
class Chunk:
    """One notification's worth of recipients.

    Attributes:
        path: its name in the run: ``"0"``, ``"1"``, ...; ``"17.0"`` and ``"17.1"`` are the halves of
            ``"17"``, and ``"17#1"`` is its first successor.
        start: input position of its first id.
        stop: input position after its last; what lies between and is not among its ids was set aside.
        count: how many ids it has.
        encoded: they, as a JSON array: one object, where a thousand texts cost twice the memory and keep
            the garbage collector busy (60 us a chunk with 64 in flight).
        digest: sha256 of that.
        transaction_id: the same for every attempt.
        message: what they are sent.
        parent: path of the chunk that it stands for; empty for one that was cut from the source.
        own_id: whether the transactionId is the caller's, who may have used it before: a refusal may then
            be of the repeat.
        invalid: inputs from `start` to `stop` set aside because they break a rule; 0 where it has a parent.
        duplicates: those set aside because they came before; 0 where it has a parent.
        aside: where: pairs of an index into the ids and how many were set aside just before that id.
    """

    path: str
    start: int
    stop: int
    count: int
    encoded: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    transaction_id: str
    message: Message = field(repr=False)
    parent: str = ""
    own_id: bool = False
    invalid: int = 0
    duplicates: int = 0
    aside: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    @property
    def ids(self) -> list[str]:
        """Whom it goes to, read anew."""
        return decode_ids(self.encoded)

    @property
    def size(self) -> int:
        """Bytes of its notification object, and of the comma behind it."""
        return self.message.template.size(self.message.kind, self.encoded, self.transaction_id) + 1

    def notification(self) -> tuple[bytes, ...]:
        """Return its notification object, in parts."""
        message = self.message
        return message.template.splice(message.kind, self.encoded, self.transaction_id)

    def position(self, index: int) -> int:
        """Return the input position of its id of this index."""
        before = sum(count for at, count in self.aside if at <= index)
        return self.start + index + before


def halves(chunk: Chunk, identity: RunIdentity) -> tuple[Chunk, Chunk]:
    """Cut a chunk of two ids or more in two, each with an id of its own."""
    middle = (chunk.count + 1) // 2
    border = chunk.position(middle)
    left = tuple(each for each in chunk.aside if each[0] < middle)
    right = tuple((at - middle, count) for at, count in chunk.aside if at > middle)
    return (
        _descendant(
            chunk, f"{chunk.path}.0", identity, slice(0, middle), (chunk.start, border), left
        ),
        _descendant(
            chunk, f"{chunk.path}.1", identity, slice(middle, None), (border, chunk.stop), right
        ),
    )


def successor(chunk: Chunk, identity: RunIdentity) -> Chunk:
    """Return the chunk that stands for another: the same ids under a fresh id, ``"17#1"`` for ``"17"``."""
    name, mark, number = chunk.path.rpartition("#")
    again = f"{name}#{int(number) + 1}" if mark and number.isdigit() else f"{chunk.path}#1"
    return _descendant(chunk, again, identity, slice(None), (chunk.start, chunk.stop), chunk.aside)


def transaction_id(identity: RunIdentity, path: str, message: Message, digest: bytes) -> str:
    """Return the transactionId of a chunk that has none of its own."""
    return identity.transaction_id(path, message.kind, message.template.digest, digest)


def _descendant(
    chunk: Chunk,
    path: str,
    identity: RunIdentity,
    which: slice,
    place: tuple[int, int],
    aside: tuple[tuple[int, int], ...],
) -> Chunk:
    ids = chunk.ids[which]
    encoded = encode_ids(ids)
    digest = ids_digest(encoded)
    return Chunk(
        path=path,
        start=place[0],
        stop=place[1],
        count=len(ids),
        encoded=encoded,
        digest=digest,
        transaction_id=transaction_id(identity, path, chunk.message, digest),
        message=chunk.message,
        parent=chunk.path,
        aside=aside,
    )
