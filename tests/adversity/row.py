"""What is a row of the book? A fault by number and name, and what must come of it."""

from attrs import frozen


@frozen
class Row:
    """One line of the fault matrix, or one security rule.

    Attributes:
        number: a letter for its part and a number: ``N8``.
        fault: what is done to the library.
        expected: what must come of it, beside the three guarantees.
    """

    number: str
    fault: str
    expected: str
