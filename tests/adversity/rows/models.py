"""What is tried on models, where no real time passes and a life costs a millisecond?"""

from adversity.row import Row

MODELS = (
    Row(
        "M1",
        "the real sender on virtual time, seeds with crashes, full disks, clock steps, outages, 429 storms",
        "no seed ends with a broken promise, and every kind of event is met",
    ),
    Row(
        "M2",
        "random lives of the real state code: crashes, reboots, late commits, four ways to answer a repeat",
        "no life breaks a promise after any of its steps",
    ),
    Row(
        "M3",
        "the same world in the hands of hypothesis, which looks for the shortest way to break a promise",
        "it finds none",
    ),
    Row("M4", "each rule of delivery switched off in a copy of the package", "some test notices"),
)
