"""What can hours of trouble do, and bytes that nobody has thought of?"""

from adversity.row import Row

SOAK = (
    Row(
        "K1",
        "churn at 64 in flight: cancellations, deadlines, resets, 429, restarts, new tokens",
        "no task, connection, file or thread is left behind",
    ),
    Row("K2", "the same churn, memory looked at", "memory is flat"),
    Row("K3", "the same churn, then every connection at once", "the pool serves at its full rate"),
    Row("K4", "the same churn, every word of it checked", "everybody is accounted for"),
)
FUZZ = (
    Row("F1", "answers made of any bytes", "read, or one of our errors; nothing else"),
    Row("F2", "filters made of any text", "parsed as a second reader does, or the place is shown"),
    Row("F3", "files of recipients made of any bytes", "read however they are cut, or refused"),
    Row("F4", "journals damaged anywhere", "read as written, refused, or salvaged in part"),
    Row("F5", "status files made of any bytes", "read, or as if there were none"),
    Row("F6", "files and options of the command line made of any text", "taken, or refused"),
    Row("F7", "the same readers fed what is long, deep or packed", "bounded time and memory"),
)
