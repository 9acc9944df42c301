"""Async client for the Pushwoosh Remote API: sends to millions, and says truthfully who got it."""

from pushwoosh_async._clock import Clock, SystemClock
from pushwoosh_async._fanout.labels import RecipientLabel
from pushwoosh_async._fanout.recall import RecallEntry, RecallReport
from pushwoosh_async._fanout.reconcile import Evidence, ReconcileReport
from pushwoosh_async._fanout.report import ChunkOutcome, Progress, SendReport
from pushwoosh_async._fanout.run import FanOut
from pushwoosh_async._fanout.run_record import RunRecord, RunSlice
from pushwoosh_async._fanout.survey import SendPlan
from pushwoosh_async._sender.accepted import Accepted
from pushwoosh_async._transport.exchange import HTTPClient
from pushwoosh_async._transport.rate_limit import RateLimit
from pushwoosh_async._transport.retry import RetryPolicy
from pushwoosh_async._version import __version__
from pushwoosh_async._window import Stamp
from pushwoosh_async.client import PushwooshClient
from pushwoosh_async.errors import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    Delivery,
    FilterError,
    FilterSyntaxError,
    InputChangedError,
    InvalidRequestError,
    JournalError,
    JournalLockedError,
    PushwooshError,
    QueueFullError,
    RateLimitedError,
    RecipientCounts,
    RedirectError,
    RunStoppedError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from pushwoosh_async.hooks import AttemptEvent, Hooks, LoggingHooks, OutcomeEvent, RetryEvent
from pushwoosh_async.journals import (
    RunStatus,
    Salvage,
    label_recipients,
    purge_journal,
    read_journal,
    read_status,
    salvage_journal,
    unknown_recipients,
)
from pushwoosh_async.models import (
    IOS,
    SMS,
    Amazon,
    Android,
    Chrome,
    Device,
    Firefox,
    Geozone,
    Huawei,
    MacOS,
    Message,
    Notification,
    Platform,
    Safari,
    TargetedMessage,
    VoIPCall,
    Windows,
    wns_content,
)
from pushwoosh_async.models.message_details import MessageDetails
from pushwoosh_async.models.message_totals import (
    Conversion,
    EventTotals,
    IntervalTotals,
    MessageTotals,
)
from pushwoosh_async.models.push_history import PushHistoryRow
from pushwoosh_async.models.results import MessageResult, TargetedMessageResult
from pushwoosh_async.personalised import AsyncPersonalised, Personalised, personalise
from pushwoosh_async.sender import BatchingSender
from pushwoosh_async.sources import IdFile, RowFile, read_ids, read_rows
from pushwoosh_async.targeting.applications import App, AppGroup, AppTagTest
from pushwoosh_async.targeting.days import DaysAgo, days_ago
from pushwoosh_async.targeting.explain import explain
from pushwoosh_async.targeting.filter_parser import parse_filter
from pushwoosh_async.targeting.filters import Combination, Filter
from pushwoosh_async.targeting.tag_test import TagTest
from pushwoosh_async.targeting.tags import (
    BooleanTag,
    DateTag,
    IntegerTag,
    ListTag,
    StringTag,
    Tag,
)

__all__ = [
    "IOS",
    "SMS",
    "APIError",
    "Accepted",
    "Amazon",
    "Android",
    "App",
    "AppGroup",
    "AppTagTest",
    "AsyncPersonalised",
    "AttemptEvent",
    "AuthenticationError",
    "BatchingSender",
    "BooleanTag",
    "Chrome",
    "ChunkOutcome",
    "Clock",
    "Combination",
    "ConfigurationError",
    "Conversion",
    "DateTag",
    "DaysAgo",
    "Delivery",
    "Device",
    "EventTotals",
    "Evidence",
    "FanOut",
    "Filter",
    "FilterError",
    "FilterSyntaxError",
    "Firefox",
    "Geozone",
    "HTTPClient",
    "Hooks",
    "Huawei",
    "IdFile",
    "InputChangedError",
    "IntegerTag",
    "IntervalTotals",
    "InvalidRequestError",
    "JournalError",
    "JournalLockedError",
    "ListTag",
    "LoggingHooks",
    "MacOS",
    "Message",
    "MessageDetails",
    "MessageResult",
    "MessageTotals",
    "Notification",
    "OutcomeEvent",
    "Personalised",
    "Platform",
    "Progress",
    "PushHistoryRow",
    "PushwooshClient",
    "PushwooshError",
    "QueueFullError",
    "RateLimit",
    "RateLimitedError",
    "RecallEntry",
    "RecallReport",
    "RecipientCounts",
    "RecipientLabel",
    "ReconcileReport",
    "RedirectError",
    "RetryEvent",
    "RetryPolicy",
    "RowFile",
    "RunRecord",
    "RunSlice",
    "RunStatus",
    "RunStoppedError",
    "Safari",
    "Salvage",
    "SendPlan",
    "SendReport",
    "ServerError",
    "Stamp",
    "StringTag",
    "SystemClock",
    "Tag",
    "TagTest",
    "TargetedMessage",
    "TargetedMessageResult",
    "TransportError",
    "UnexpectedResponseError",
    "VoIPCall",
    "Windows",
    "__version__",
    "days_ago",
    "explain",
    "label_recipients",
    "parse_filter",
    "personalise",
    "purge_journal",
    "read_ids",
    "read_journal",
    "read_rows",
    "read_status",
    "salvage_journal",
    "unknown_recipients",
    "wns_content",
]
