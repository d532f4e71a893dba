"""All tables, by noun."""

from flowstudio.store.models.batch import Batch
from flowstudio.store.models.credential import AuditEntry, Credential, OutboxMail
from flowstudio.store.models.customer import Alias, Customer, TraitValue
from flowstudio.store.models.event import Event
from flowstudio.store.models.flow import Draft, Flow, Hook, TriggerIndex, Version
from flowstudio.store.models.live import Counter, Engine, Feed, Lock
from flowstudio.store.models.reach import Consent, Conversion, Suppression, Watch
from flowstudio.store.models.restore import Doubt, Restore
from flowstudio.store.models.run import Assignment, Attempt, Consumed, Run, Step, Token, Wait
from flowstudio.store.models.segment import Crowd, Member, Schedule, Segment
from flowstudio.store.models.workspace import ApiKey, Membership, SignInLink, User, Workspace

__all__ = [
    "Alias",
    "ApiKey",
    "Assignment",
    "Attempt",
    "AuditEntry",
    "Batch",
    "Consent",
    "Consumed",
    "Conversion",
    "Counter",
    "Credential",
    "Crowd",
    "Customer",
    "Doubt",
    "Draft",
    "Engine",
    "Event",
    "Feed",
    "Flow",
    "Hook",
    "Lock",
    "Member",
    "Membership",
    "OutboxMail",
    "Restore",
    "Run",
    "Schedule",
    "Segment",
    "SignInLink",
    "Step",
    "Suppression",
    "Token",
    "TraitValue",
    "TriggerIndex",
    "User",
    "Version",
    "Wait",
    "Watch",
    "Workspace",
]
