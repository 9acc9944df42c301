"""Which rules keep the promises, and how is each switched off? The list of delivery.md 2.9, and more."""

from attrs import frozen

LIVES = "tests/fanout/model/test_lives.py"
PACKS = f"{LIVES}::test_packed_lives_keep_the_promises"
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
        old="(orjson.dumps(transaction_id), kind.encode())",
        new="(orjson.dumps(f'{transaction_id}{__import__(\"uuid\").uuid4()}'), kind.encode())",
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
        file="_fanout/request_guard.py",
        old="await self._journal.intend(*chain.from_iterable(intents))",
        new="self._journal.note(*chain.from_iterable(intents))",
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
        old="if self.waiting and self._standing is not None:",
        new="if self.waiting and self._standing is self:",
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
        file="_fanout/request_guard.py",
        old="self._journal.note(*records)\n        seconds",
        new="[self._journal.note(each) for each in records]\n        seconds",
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
        old="group.records += records\n            group.intents += 1",
        new="group.records[:0] = records\n            group.intents += 1",
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
    Mutation(
        rule="oldest t0 of a pack",
        change="the first one's gates",
        file="_fanout/request_guard.py",
        old="return all(each.may_hand_over(now, self.window) for each in self._exposures)",
        new="return self.guards[0].life.exposure.may_hand_over(now, self.window)",
        tests=(f"{LIVES}::test_no_repeat_inside_the_window_rests_on_what_a_429_means",),
    ),
    Mutation(
        rule="oldest t0 of a pack",
        change="the youngest gates",
        file="_fanout/request_guard.py",
        old="return all(each.may_hand_over(now, self.window) for each in self._exposures)",
        new="return any(each.may_hand_over(now, self.window) for each in self._exposures)",
        tests=(f"{LIVES}::test_no_repeat_inside_the_window_rests_on_what_a_429_means",),
    ),
    Mutation(
        rule="first attempts and doubts apart",
        change="they share a request",
        file="_fanout/packing.py",
        old="if work.life.in_doubt:",
        new="if False:",
        tests=(PACKS,),
    ),
    Mutation(
        rule="as many codes as notifications accept a pack",
        change="any 200 does",
        file="_wire/decode.py",
        old=(
            "        if not named == len(codes) == expected:\n"
            '            found = f"{named} message codes for {expected} notifications"\n'
            "            return _Reading(reply, context, envelope).error(UnexpectedResponseError, found)\n"
            "    if len(codes) != expected:\n"
            "        codes = (None,)"
        ),
        new=(
            "        codes = (None,) * expected\n"
            "    if len(codes) != expected:\n"
            "        codes = (None,)"
        ),
        tests=(PACKS,),
    ),
    Mutation(
        rule="as many codes as notifications accept a pack",
        change="null is a code too",
        file="_wire/decode.py",
        old="if not named == len(codes) == expected:",
        new="if len(codes) != expected:",
        tests=(PACKS,),
    ),
    Mutation(
        rule="whatever refuses a pack is a doubt",
        change="a 210 or 400 rejects all of it",
        file="_wire/decode.py",
        old='delivery=delivery if len(context.transaction_ids) <= 1 else "in_doubt"',
        new=(
            'delivery=delivery if delivery == "rejected" or len(context.transaction_ids) <= 1'
            ' else "in_doubt"'
        ),
        tests=(PACKS,),
    ),
    Mutation(
        rule="whatever refuses a pack is a doubt",
        change="with a 429 or 401 nothing of it was sent",
        file="_wire/decode.py",
        old='delivery=delivery if len(context.transaction_ids) <= 1 else "in_doubt"',
        new=(
            'delivery=delivery if delivery == "not_sent" or len(context.transaction_ids) <= 1'
            ' else "in_doubt"'
        ),
        tests=(PACKS,),
    ),
    Mutation(
        rule="intents of all before a byte of a pack",
        change="the first one's is waited for",
        file="_fanout/request_guard.py",
        old="await self._journal.intend(*chain.from_iterable(intents))",
        new=(
            "first_intent, *others = chain.from_iterable(intents)\n"
            "            await self._journal.intend(first_intent)\n"
            "            self._journal.note(*others)"
        ),
        tests=(PACKS,),
    ),
    Mutation(
        rule="parts of a pack keep their ids",
        change="each part has its own",
        file="_fanout/carrier.py",
        old="[guard.chunk for guard in request.guards]",
        new=(
            "[__import__('attrs').evolve(guard.chunk, transaction_id="
            "guard.chunk.transaction_id + str(len(request.guards))) for guard in request.guards]"
        ),
        tests=(PACKS,),
    ),
    Mutation(
        rule="a 210 once alone, after a pack, is in doubt",
        change="it rejects",
        file="_fanout/guard.py",
        old="never_in_doubt = not self.in_doubt and not self.life.inherited",
        new=(
            "if event is Event.REJECTED and self.pack:\n"
            "            self.life = Life(self.life.state)\n"
            "        never_in_doubt = not self.in_doubt and not self.life.inherited"
        ),
        tests=(PACKS,),
    ),
    Mutation(
        rule="T grows with the body",
        change="with the first notification alone",
        file="_fanout/carrier.py",
        old="self._window(sum(guard.chunk.size for guard in guards))",
        new="self._window(guards[0].chunk.size)",
        tests=(PACKS,),
    ),
    Mutation(
        rule="T grows with the body",
        change="it does not",
        file="_transport/retry.py",
        old="attempt = timeout + size / 1_000_000",
        new="attempt = timeout",
        tests=(PACKS,),
    ),
    Mutation(
        rule="a pack in doubt is taken apart",
        change="it is left at that",
        file="_fanout/request_guard.py",
        old="self.refused_pack = None if stops_a_run(error) else error",
        new="self.refused_pack = None",
        tests=(PACKS,),
    ),
    Mutation(
        rule="expired ones are left out of a pack",
        change="the others wait for them",
        file="_fanout/request_guard.py",
        old="if any(may) and not all(may):",
        new="if False:",
        tests=(PACKS,),
    ),
    Mutation(
        rule="each of a pack is labelled",
        change="all are forgotten when the first is told of",
        file="_fanout/carrier.py",
        old="            del self.guards[guard.chunk.path]\n",
        new=(
            "            for each in guards:\n"
            "                self.guards.pop(each.chunk.path, None)\n"
        ),
        tests=(PACKS,),
    ),
)

# Rules of the design on which no promise rests: switched off one by one, none of 12,000 lives noticed.
NOT_FOR_SAFETY = {
    "one answer is one transaction": "a record is true without its neighbours; see one transaction",
    "intents of a pack are one transaction": "nor is an intent false without its neighbours'",
    "a resume repeats the pack": "alone is as safe, and slower",
    "a resume leaves out expired chunks": "the gate of the oldest holds what takeover or carrier miss",
}
