"""Under what may the library run? Event loops, threads, forks, interpreters and their switches."""

from adversity.row import Row

COMPATIBILITY = (
    Row(
        "C1",
        "two event loops, one after the other, for one send",
        "the second goes on where the first was left",
    ),
    Row("C2", "two event loops side by side, in two threads", "neither sees anything of the other"),
    Row(
        "C3",
        "a client or sender used, or closed, on another event loop",
        "refused with what to do; it serves on in its own",
    ),
    Row(
        "C4",
        "forked with a client open",
        "the child is refused the parent's and may have its own; the parent serves on",
    ),
    Row(
        "C5",
        "the interpreter ends in the middle of a send",
        "no hang, its own exit code, and the journal goes on from there",
    ),
    Row("C6", "an httpx client that the user brought", "the same promises"),
    Row("C7", "an httpx2 client that the user brought", "the same promises"),
    Row("C8", "uvloop", "the same results"),
    Row("C9", "asyncio's debug mode", "the same results, and not a word of warning"),
    Row("C10", "tasks that begin earlier or later than usual", "the same results"),
    Row("C11", "an event loop that is not asyncio's", "refused with what is missing, nothing sent"),
    Row(
        "C12",
        "every warning an error, and the interpreter's development mode",
        "every module is imported, a send is done, and nothing is said",
    ),
    Row("C13", "python -O and -OO", "the same results: nothing rests on an assert or a docstring"),
    Row(
        "C14",
        "the command line in the C locale",
        "files are UTF-8 as ever; an argument that is not readable is refused",
    ),
)
