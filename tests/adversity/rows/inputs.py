"""What can be wrong with what the caller gives?"""

from adversity.row import Row

INPUTS = (
    Row("I1", "an audience of nobody: a list, a generator, a file", "no request; it ends well"),
    Row("I2", "None for an audience", "refused at the call: it would be everybody"),
    Row("I3", "a bare str, bytes or dict for an audience", "refused at the call"),
    Row("I4", "an id that is no str, or a subclass of it", "refused by position and type"),
    Row("I5", "an id that is blank, or has blanks at its ends", "refused, or dropped and counted"),
    Row("I6", "1001 ids in one message", "refused; 1 and 1000 are fine"),
    Row("I7", "ids of control signs, quotes, emoji, right to left", "arrive exactly as given"),
    Row("I8", "an id with half a surrogate pair", "refused before it is in the journal"),
    Row("I9", "ids that differ in case or normal form alone", "different recipients"),
    Row("I10", "an id of a million characters", "refused: at most 1024"),
    Row("I11", "a generator of up to ten million ids", "memory bounded, read as they are sent"),
    Row("I12", "a source that raises half-way", "what began is finished; its error; resumed"),
    Row("I13", "an async source: slow, endless, cancelled", "streamed, and closed in bounded time"),
    Row("I14", "a source used up or changed at the resume", "refused, nothing is sent"),
    Row(
        "I15",
        "ids that come twice",
        "with dedupe sent to once; without, once for each time they are given: G1 is per position",
    ),
    Row("I16", "NaN or an infinity in a payload", "refused with its place"),
    Row("I17", "a payload that JSON has no form for", "refused with its place"),
    Row("I18", "custom data beyond 4 KB", "refused on iOS, else a warning, before anything"),
    Row("I19", "two audiences in one message or call", "refused: the API would ignore one"),
    Row("I20", "the caller changes the message while it is sent", "sent as it was at the call"),
    Row("I21", "a CSV file that is damaged", "an error with its line; nothing behind it is sent"),
    Row("I22", "a file changed while it is read", "the ids of one file, or an error"),
)
