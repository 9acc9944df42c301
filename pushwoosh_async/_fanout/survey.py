"""What would a send do? Its source read and cut as the send would, and nothing sent."""

import hashlib
from collections.abc import Sequence
from contextlib import aclosing

import anyio.lowlevel
from attrs import frozen

from pushwoosh_async._fanout.chunks import Chunk
from pushwoosh_async._fanout.intake import Intake
from pushwoosh_async._fanout.packing import Packer
from pushwoosh_async._fanout.planner import AnyPlanner
from pushwoosh_async._fanout.resume import Work

# Bytes that are kept of what each chunk is: 160 kB for ten million users.
DIGEST = 16


@frozen(kw_only=True)
class SendPlan:
    """What a send would do, if nothing goes wrong.

    Attributes:
        recipients: who would be sent to.
        invalid: inputs that would be set aside because they break a rule.
        duplicates: inputs that would be set aside because they came before.
        notifications: notification objects, one for each chunk.
        requests: HTTP requests.
        bytes: of all their bodies, without the token.
        seconds: that so many requests take at the client's rate limit; 0.0 without one.
        hash: of what is sent to whom, in this order, through which application: the same again only for
            the same send. 32 hexadecimal digits.
    """

    recipients: int
    invalid: int
    duplicates: int
    notifications: int
    requests: int
    bytes: int
    seconds: float
    hash: str


class Survey:
    """A source, as it was read for a plan.

    Attributes:
        digests: `DIGEST` bytes for each chunk.
    """

    def __init__(self, planner: AnyPlanner, target_key: str) -> None:
        self.digests = bytearray()
        self._planner = planner
        self._target_key = target_key
        self._notifications = 0
        self._requests = 0
        self._bytes = 0

    async def read(self, intake: Intake, packer: Packer) -> None:
        """Read the source to its end.

        Raises:
            TypeError: an item has a wrong type.
            ConfigurationError: one breaks a rule, and the policy is to raise.
        """
        async with aclosing(intake.pages()) as pages:
            async for page in pages:
                self._enter(self._planner.feed(page), packer)
                await anyio.lowlevel.checkpoint()
        self._enter(self._planner.finish(), packer)
        self._count(packer.finish())

    def _enter(self, chunks: Sequence[Chunk], packer: Packer) -> None:
        for chunk in chunks:
            self._notifications += 1
            self._bytes += chunk.size
            self.digests += digest_of(chunk)
        self._count(packer.add(map(Work, chunks)))

    def _count(self, requests: Sequence[Sequence[Work]]) -> None:
        if requests and not self._requests and len(requests[0]) > 1:
            self._requests += 1  # one notification goes alone first: see Admission.room
        self._requests += len(requests)

    @property
    def hash(self) -> str:
        """What tells this send from any other."""
        identity = self._planner.identity
        where = f"{identity.base_url} {self._target_key} {identity.target}\n".encode()
        return hashlib.sha256(where + self.digests).hexdigest()[:32]

    def plan(self, *, around: int, rate: float) -> SendPlan:
        """Return the plan that it amounts to.

        Args:
            around: bytes of a request besides its token and its notifications, told with a comma each.
            rate: requests a second that the client may send.
        """
        sieve = self._planner.sieve
        return SendPlan(
            recipients=sieve.kept,
            invalid=sieve.invalid,
            duplicates=sieve.duplicates,
            notifications=self._notifications,
            requests=self._requests,
            bytes=self._bytes + self._requests * around,
            seconds=self._requests / rate,
            hash=self.hash,
        )


def digest_of(chunk: Chunk) -> bytes:
    """Return what tells what a chunk sends to whom from anything else."""
    message = chunk.message
    own_id = chunk.transaction_id if chunk.own_id else ""
    text = f"{message.kind} {message.template.digest} {chunk.start} {own_id} "
    return hashlib.sha256(text.encode() + chunk.digest).digest()[:DIGEST]
