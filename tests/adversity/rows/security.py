"""What could leak, or turn this library against its user?"""

from adversity.row import Row

SECURITY = (
    Row("R1", "a token is printed, formatted, copied, pickled, compared", "nothing shows it"),
    Row("R2", "everything within reach of a client is looked through", "only its Secret has it"),
    Row("R3", "a server or a network fails in every way, the token echoed", "no error shows it"),
    Row("R4", "every log, stream, warning, hook and file of a run is searched", "no token in any"),
    Row(
        "R5",
        "a server's text is long, has control characters, has the token, escaped too",
        "cut, clean, free of it",
    ),
    Row("R6", "the log of a program is read", "nothing of it unasked; no body, no recipient"),
    Row("R7", "the server redirects to another host", "not followed: nothing arrives there"),
    Row(
        "R8",
        "somebody switches TLS off, by accident or by habit",
        "no option; no line of ours does; a weakened context is refused",
    ),
    Row("R9", "SSLKEYLOGFILE is in the environment", "not written, unless trust_env"),
    Row("R10", "base_url is one of a hundred wrong ones", "refused before a byte is sent"),
    Row("R11", "proxies are in the environment", "ignored, unless trust_env"),
    Row("R12", "other users look at the files of a run", "0600 from the first moment"),
    Row(
        "R13",
        "a file of a run is a link, or another user's",
        "refused; what it leads to is as it was",
    ),
    Row("R14", "answers that inflate a thousandfold", "cut at the cap"),
    Row("R15", "answers that nest, repeat names, count in 5000 digits", "in doubt; no crash"),
    Row("R16", "a server answers every request with a megabyte of junk", "memory is bounded"),
    Row("R17", "a server sends the answer that takes longest to read", "the event loop goes on"),
    Row("R18", "an audience is missing or empty", "refused: it would be everybody"),
    Row("R19", "something reads pickles, or evaluates text", "no line of the package can"),
    Row("R20", "a value breaks out of its quotes in a filter", "refused, or read back as the same"),
    Row("R21", "a cell of a report begins like a formula", "quoted for spreadsheets"),
    Row(
        "R22",
        "a CSV that a spreadsheet has damaged, or that swallows the file",
        "an error with its line",
    ),
    Row("R23", "a name or a server's text holds HTML", "the report shows it, and runs nothing"),
    Row(
        "R24",
        "the linter's security rules are switched off",
        "selected; each exception has a reason",
    ),
    Row(
        "R25",
        "a host of a registry or a path of a machine is in a file",
        "none in any tracked file",
    ),
    Row("R26", "an import that is not declared, or code at install time", "none"),
    Row(
        "R27", "a pinned package has a known hole", "make audit says so; so it does if nobody knows"
    ),
)
