"""Which rules keep the promises, and how is each switched off? The list of delivery.md 2.9, and more."""

from attrs import frozen

LIVES = "tests/fanout/model/test_lives.py"
JOURNAL = "tests/fanout/journal"


@frozen(kw_only=True)
class Mutation:
    """One rule, switched off.

    Attributes:
        rule: in the words of the design.
        change: what becomes of it.
        file: where, below the package.
        old: the text that says it; stands there once.
        new: what stands there instead.
        tests: what should notice.
    """

    rule: str
    change: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = (LIVES,)

    def applied_to(self, text: str) -> str:
        """Return the file's text with the rule switched off.

        Raises:
            LookupError: what is to be replaced is not there, or more than once.
        """
        found = text.count(self.old)
        if found != 1:
            raise LookupError(f"{self.file} holds this {found} times, and not once: {self.old!r}")
        return text.replace(self.old, self.new)


MUTATIONS = (
    Mutation(
        rule="same tid on repeat",
        change="an id is drawn anew whenever it is asked for",
        file="_wire/identity.py",
        old="return str(uuid.uuid5(self.run_id, name.decode()))",
        new="return str(uuid.uuid4())",
    ),
    Mutation(
        rule="same tid on repeat",
        change="the wire carries another id than the journal",
        file="_wire/encode.py",
        old='"transactionId":"{transaction_id}"',
        new='"transactionId":"{transaction_id}{id(self):x}{id(encoded):x}"',
    ),
    Mutation(
        rule="same tid on repeat",
        change="a resumed run has ids of its own",
        file="_fanout/takeover.py",
        old="        self._planner.adopt(opened.facts.run_id)\n",
        new="",
    ),
    Mutation(
        rule="expiry at the window's end",
        change="the gate never closes",
        file="_window.py",
        old="return self.t0 is not None and window.is_open(self.t0, now, after=after)",
        new="return self.t0 is not None",
    ),
    Mutation(
        rule="5xx in doubt",
        change="a 5xx means that nothing was sent",
        file="_wire/decode.py",
        old='if status >= 500:\n        return reading.error(ServerError, "the server failed")',
        new='if status >= 500:\n        return reading.error(ServerError, "the server failed", "not_sent")',
    ),
    Mutation(
        rule="intent before send",
        change="an intent is not waited for",
        file="_fanout/guard.py",
        old="await self._journal.intend(self._record())",
        new="self._journal.note(self._record())",
    ),
    Mutation(
        rule="both clocks",
        change="only the wall clock",
        file="_window.py",
        old="return max(now.boottime - since.boottime, now.wall - since.wall)",
        new="return now.wall - since.wall",
    ),
    Mutation(
        rule="both clocks",
        change="only the boot clock",
        file="_window.py",
        old="return max(now.boottime - since.boottime, now.wall - since.wall)",
        new="return now.boottime - since.boottime",
    ),
    Mutation(
        rule="gate at write",
        change="asked before the first piece alone",
        file="_transport/slots.py",
        old="if self._revoked or not self._may_hand_over():",
        new="if self._revoked or (index == 0 and not self._may_hand_over()):",
    ),
    Mutation(
        rule="t0 kept over repeats",
        change="each attempt starts the window anew",
        file="_window.py",
        old="            return self\n        return Exposure(now)\n",
        new="            pass\n        return Exposure(now, self.in_doubt)\n",
    ),
    Mutation(
        rule="another boot expires",
        change="stamps of two boots are compared",
        file="_window.py",
        old="if since.boot_id != now.boot_id:",
        new="if not since.boot_id:",
    ),
    Mutation(
        rule="clean rejection only without earlier doubt",
        change="a refused repeat is rejected",
        file="_fanout/state.py",
        old="(_S.IN_FLIGHT, _OWN, _E.REJECTED): _S.EXPIRED,",
        new="(_S.IN_FLIGHT, _OWN, _E.REJECTED): _S.REJECTED,",
    ),
    Mutation(
        rule="revoke before read on cancel",
        change="the gate is read and left open",
        file="_transport/slots.py",
        old="        self._revoked = True\n",
        new="",
    ),
    Mutation(
        rule="margin",
        change="nothing is committed late",
        file="_window.py",
        old=" + self.margin <= self.length",
        new=" <= self.length",
    ),
    Mutation(
        rule="an intent without an outcome is a doubt",
        change="replay(IN_FLIGHT) is not sent",
        file="_fanout/state.py",
        old="return advance(life, Event.DOUBT, reason=life.reason or",
        new="return advance(life, Event.UNSENT, reason=life.reason or",
    ),
    Mutation(
        rule="settled chunks are never requested again",
        change="a resume begins every chunk afresh",
        file="_fanout/resume.py",
        old="            self._keep_open(chunk, family)\n",
        new=(
            "            self.work.append(Work(chunk))\n"
            "        else:\n"
            "            self.work.append(Work(chunk))\n"
        ),
    ),
    Mutation(
        rule="digests compared on resume",
        change="any source will do",
        file="_fanout/recut.py",
        old="        check_chunk(chunk, family[0])\n",
        new="",
    ),
    Mutation(
        rule="all compared before the first new send",
        change="what was compared is sent at once",
        file="_fanout/takeover.py",
        old="if self._known_end is None and self._comparison.over:",
        new="if self._comparison is not None:",
    ),
    Mutation(
        rule="429 keeps t0",
        change="it is recorded as unsent",
        file="_fanout/state.py",
        old="return Event.LIMITED",
        new="return Event.UNSENT",
        tests=(f"{LIVES}::test_no_repeat_inside_the_window_rests_on_what_a_429_means",),
    ),
    Mutation(
        rule="429 keeps t0",
        change="a t0 that was kept passes for an intent in the journal",
        file="_fanout/guard.py",
        old="self.life.exposure.t0 if self.in_doubt else None",
        new="self.life.exposure.t0",
    ),
    Mutation(
        rule="429 keeps t0",
        change="its intent stands when the run ends and says not sent",
        file="_fanout/guard.py",
        old="elif self.waiting and self._standing is not None:",
        new="elif self.waiting and self._standing is self:",
    ),
    Mutation(
        rule="a resent chunk inherits the doubt",
        change="it is forgotten",
        file="_fanout/resume.py",
        old="fresh = Life(inherited=doubtful,",
        new="fresh = Life(",
    ),
    Mutation(
        rule="a resend is asked for",
        change="once more at every resume",
        file="_fanout/resume.py",
        old="return self.doubts and not life.inherited",
        new="return self.doubts",
    ),
    Mutation(
        rule="one transaction",
        change="a rejection and its halves are two",
        file="_fanout/guard.py",
        old="self._journal.note(self._record(ended=self._clock.stamp().wall), *others)",
        new="[self._journal.note(each) for each in (self._record(ended=0.0), *others)]",
    ),
    Mutation(
        rule="one transaction",
        change="a chunk and its successor are two",
        file="_fanout/takeover.py",
        old="self._journal.note(*records)",
        new="[self._journal.note(each) for each in records]",
    ),
    Mutation(
        rule="FIFO records",
        change="an intent overtakes the record before it",
        file="_fanout/sqlite_journal/writer.py",
        old="group.records.append(record)",
        new="group.records.insert(0, record)",
        tests=(JOURNAL,),
    ),
    Mutation(
        rule="FIFO records",
        change="the newest thing handed over is done first",
        file="_fanout/sqlite_journal/writer.py",
        old="self._taken = self._queue[0]",
        new="self._queue.rotate(1)\n            self._taken = self._queue[0]",
        tests=(JOURNAL,),
    ),
)

# Rules of requests that hold several notifications: there are none yet.
NOT_BUILT = {
    "oldest t0 of a pack": "packing is issue 5",
    "first attempts and doubts apart": "packing is issue 5",
}
