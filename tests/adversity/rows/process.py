"""What can happen to the process, its clocks, its disk and its machine?"""

from adversity.row import Row

PROCESS = (
    Row("P1", "killed before the run is in its journal", "no run was kept, and nothing was sent"),
    Row(
        "P2",
        "killed before an intent is synced, while it is written or before",
        "nothing of it has reached the server",
    ),
    Row(
        "P3",
        "killed behind the sync of an intent, before the first byte",
        "in doubt: repeated inside the window, else expired; at most one send",
    ),
    Row(
        "P4",
        "killed in the middle of a body, behind it, or before the answer",
        "in doubt: repeated inside the window, else expired; at most one send",
    ),
    Row(
        "P5",
        "killed between an answer and its record",
        "in doubt; the repeat is known to the server, one send",
    ),
    Row(
        "P6",
        "killed while an outcome is written",
        "the half-written transaction is undone on opening; in doubt",
    ),
    Row(
        "P7",
        "killed while closing, and in the first and the second resume",
        "whoever runs it again finds the same",
    ),
    Row(
        "P8",
        "killed over and over in one run of 1000 chunks",
        "the guarantees hold; inside the window everybody is accepted",
    ),
    Row(
        "P9",
        "killed, and started again past the window",
        "what was in flight has expired, unrepeated; the rest goes on",
    ),
    Row("P10", "rebooted, with the clock set back", "all doubts expire, none is repeated"),
    Row(
        "P11",
        "SIGTERM and SIGINT, once and twice",
        "the first drains, the second cancels; the journal is synced",
    ),
    Row(
        "P12",
        "SIGSTOP past the window, at every step",
        "nothing is repeated once its window is over: no duplicate",
    ),
    Row(
        "P13",
        "the clock jumps an hour, is slewed, changes to summer, repeats a second",
        "set back, the clock since boot counts; set forward, doubts only expire earlier",
    ),
    Row(
        "P14",
        "cancelled at every await",
        "everybody is in one class, and the pool serves as before",
    ),
    Row(
        "P15",
        "cancelled by wait_for, a timeout, a task group, or a closed iteration",
        "everybody is in one class, and the pool serves as before",
    ),
    Row(
        "P16",
        "the caller's callback or source raises",
        "drained, then raised; the journal agrees",
    ),
    Row(
        "P17",
        "no file descriptors left, to connect or to open the journal",
        "not sent, and fewer at a time; or refused at the start",
    ),
    Row(
        "P18",
        "the disk is full, from the run's record, an intent or an outcome on",
        "refused; stopped before sending; the error carries the report",
    ),
    Row(
        "P19",
        "a sync of the journal fails",
        "not tried again, and nothing more is sent",
    ),
    Row(
        "P20",
        "the journal's thread dies, or one of many who wait for the same commit is cancelled",
        "everybody else who waits gets an answer; nothing hangs",
    ),
    Row(
        "P21",
        "the caller's code blocks the event loop",
        "timeouts are noticed late, as the hooks tell, and nothing is repeated past its window",
    ),
    Row("P22", "two processes share one journal", "the second is turned away by the first's pid"),
    Row("P23", "forked in mid-run, and used in the child", "the child is refused"),
    Row(
        "P24",
        "the journal's file is damaged, foreign, or none at all",
        "recovered, refused or salvaged; what is in doubt is not sent",
    ),
    Row(
        "P25",
        "resumed with other input, order, chunk size or message",
        "refused with what differs, before any request",
    ),
    Row(
        "P26",
        "killed for want of memory, or MemoryError in mid-run",
        "like any kill; or drained, then raised",
    ),
    Row(
        "P27",
        "a run of 48 hours, with tokens that change",
        "memory stays flat, each new token is used",
    ),
    Row(
        "P28",
        "the interpreter ends with a client open; two event loops, in turn and at once",
        "a clear error or silence, and no hang",
    ),
    Row("P29", "uvloop, each supported Python, and trio in the simulator", "the same results"),
)
