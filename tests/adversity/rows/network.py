"""What can the network do?"""

from adversity.row import Row

NETWORK = (
    Row("N1", "connections refused for 400 s, then not", "not sent, tried on, never given up"),
    Row("N2", "names that do not resolve, or block", "not sent; the event loop goes on"),
    Row("N3", "a connection that never stands", "not sent, cut at the timeout"),
    Row("N4", "a dead IPv6 address beside a live IPv4 one", "accepted by IPv4"),
    Row(
        "N5",
        "reset as soon as accepted",
        "not sent while part of the request has not left the client; else in doubt",
    ),
    Row(
        "N6",
        "reset behind the headers",
        "not sent while part of the request has not left the client; else in doubt",
    ),
    Row(
        "N7",
        "reset behind the whole body, nothing processed",
        "in doubt; the repeat is the first that the API takes",
    ),
    Row(
        "N8",
        "reset after processing, before the answer",
        "in doubt; the API knows the repeat, and sends once",
    ),
    Row("N9", "closed in good order behind the body, no answer", "in doubt, accepted once"),
    Row("N10", "a server that stops listening, and answers", "its answer counts"),
    Row("N11", "no answer ever", "in doubt, cut at the timeout"),
    Row("N12", "headers a byte at a time", "in doubt, cut at the timeout"),
    Row("N13", "a body a byte at a time", "in doubt, cut at the timeout"),
    Row("N14", "100 Continue without end", "in doubt, cut at the timeout"),
    Row(
        "N15",
        "a server that never reads",
        "not sent while part of the request has not left the client; else in doubt",
    ),
    Row("N16", "an answer shorter than its Content-Length", "in doubt, though it reads as a yes"),
    Row("N17", "a Content-Length shorter than its answer", "in doubt; the rest is nobody's"),
    Row(
        "N18",
        "two lengths, or a length and chunks",
        "two lengths: in doubt; both kinds: by the chunks, or in doubt",
    ),
    Row("N19", "bad chunks, or no last one", "in doubt"),
    Row("N20", "no length, closed in mid-answer", "in doubt, though no library objects"),
    Row("N21", "what is not HTTP/1.1, or a header of 300 kB", "in doubt"),
    Row("N22", "an answer of 100 MB", "in doubt, cut at 1 MiB, memory flat"),
    Row("N23", "compressed answers: bombs, garbage, unknown", "in doubt, never inflated in full"),
    Row("N24", "301, 302, 303 to another host", "not followed, the run stops"),
    Row("N25", "307, 308 to another host", "not followed: that host gets no byte"),
    Row("N26", "307 from https to http on the same host", "not followed: no byte in the clear"),
    Row("N27", "a certificate nobody should trust", "not sent, the run stops, no second try"),
    Row("N28", "TLS reset, closed or hung in the handshake", "not sent, repeated"),
    Row("N29", "TLS 1.3 refusing the client behind the body", "in doubt, repeated"),
    Row(
        "N30",
        "a kept connection, closed as it is written to",
        "in doubt, accepted once; one that was idle for 4 s is not used again",
    ),
    Row("N31", "proxies named by the environment", "unused, unless asked for"),
    Row("N32", "a second answer behind the first, or unasked", "nobody's; the next has its own"),
    Row(
        "N33",
        "a proxy that delivers after the timeout",
        "nobody twice, if within the margin; later is more than we assume of a network (A3)",
    ),
)
