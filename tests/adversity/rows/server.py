"""What can the API, or a gateway before it, do?"""

from adversity.row import Row

SERVER = (
    Row("S1", "500, the message taken or not", "in doubt, repeated, nobody twice"),
    Row(
        "S2",
        "502, 503, 504 that name no wait",
        "in doubt; random growing pauses; repeats pay the rate limit",
    ),
    Row("S3", "Retry-After in every spelling", "read or ignored, capped, never waited in vain"),
    Row(
        "S4",
        "429 for ten minutes from the first request on",
        "all wait, none in doubt; sent when it is over, all accepted",
    ),
    Row("S5", "429 to the repeat of a doubt", "waited for inside the window, else expired"),
    Row(
        "S6",
        "503 for ten minutes at 50 in flight",
        "the breaker bounds the doubts; the rest is sent later",
    ),
    Row("S7", "200 with a body that nobody can read", "in doubt, no crash"),
    Row("S8", "210 to a first attempt", "rejected; the server's text made harmless"),
    Row("S9", "210 to the repeat of a doubt", "in doubt, not rejected"),
    Row("S10", "200 with status_code 500", "in doubt, repeated"),
    Row("S11", "status_code of other types, or twice", "200 in any spelling is one, else in doubt"),
    Row("S12", "acknowledged, without a usable code", "accepted, no code"),
    Row(
        "S13",
        "UnknownDevices of every shape, strangers in it",
        "accepted; none but own ids are counted",
    ),
    Row("S14", "fields that nobody has heard of", "ignored, and not kept"),
    Row(
        "S15",
        "token or application refused at once",
        "stopped, nobody in doubt, resumed with another token",
    ),
    Row(
        "S16",
        "token refused in mid-run",
        "new chunks not sent; what was in doubt stays so until a resume",
    ),
    Row("S17", "a known id answered in four ways", "nobody twice, and every label true"),
    Row(
        "S18",
        "ids forgotten after 200 s, not 300",
        "what is sent late comes twice, as A1 is broken; with window=200 never",
    ),
    Row(
        "S19",
        "ids looked up before, and noted after sending",
        "no copies at once, but behind a timeout",
    ),
    Row(
        "S20",
        "the answer of another request",
        "cannot be told; so no connection is used after an odd answer",
    ),
    Row("S21", "the server's clock jumps", "no effect; a Retry-After date is capped"),
    Row("S22", "cookies", "never sent back"),
)
