"""Which readers of foreign bytes are there? Each by name, with the row that it is of."""

from .answers import ANSWER_TOKENS, read_answer, read_refusal
from .documents import DOCUMENT_TOKENS, OPTION_TOKENS, read_document, read_options
from .filters import FILTER_TOKENS, read_filter
from .journals import JOURNAL_TOKENS, read_any_journal
from .recipients import RECIPIENT_TOKENS, read_recipients
from .statuses import STATUS_TOKENS, read_any_status
from .target import Target

TARGETS: dict[str, Target] = {
    each.name: each
    for each in (
        Target("answer", "F1", read_answer, ANSWER_TOKENS, vendors=True),
        Target("refusal", "F1", read_refusal, ANSWER_TOKENS),
        Target("filter", "F2", read_filter, FILTER_TOKENS),
        Target("recipients", "F3", read_recipients, RECIPIENT_TOKENS),
        Target("journal", "F4", read_any_journal, JOURNAL_TOKENS),
        Target("status", "F5", read_any_status, STATUS_TOKENS),
        Target("document", "F6", read_document, DOCUMENT_TOKENS, vendors=True),
        Target("option", "F6", read_options, OPTION_TOKENS),
    )
}
