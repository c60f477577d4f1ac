"""Who exchanges files with us and which were read; which meters are read, how, and what came of it.

Readings themselves are in `readings`, events in `events`.
"""

from faza.collection.models.exchange import (
    Arrival,
    Delivery,
    Dispatch,
    ExchangePlace,
    MailboxMark,
    SentDay,
)
from faza.collection.models.files import (
    ExchangeProfile,
    GridImport,
    GridImportRow,
    ImportFile,
    ImportRun,
    PointCode,
    TimezoneCode,
)
from faza.collection.models.findings import (
    CalendarVersion,
    ConfigurationVersion,
    LostStretch,
    QualityCount,
)
from faza.collection.models.intake import AccessToken, Pickup
from faza.collection.models.orders import (
    AlarmSeen,
    NoticeTerm,
    OrderPaper,
    SupplyOrder,
    SupplyProtection,
)
from faza.collection.models.polling import (
    CollectionPlan,
    Command,
    CredentialSet,
    Device,
    DeviceTask,
    FrameCounter,
    Line,
    PlanItem,
    Session,
)

__all__ = [
    "AccessToken",
    "AlarmSeen",
    "Arrival",
    "CalendarVersion",
    "CollectionPlan",
    "Command",
    "ConfigurationVersion",
    "CredentialSet",
    "Delivery",
    "Device",
    "DeviceTask",
    "Dispatch",
    "ExchangePlace",
    "ExchangeProfile",
    "FrameCounter",
    "GridImport",
    "GridImportRow",
    "ImportFile",
    "ImportRun",
    "Line",
    "LostStretch",
    "MailboxMark",
    "NoticeTerm",
    "OrderPaper",
    "Pickup",
    "PlanItem",
    "PointCode",
    "QualityCount",
    "SentDay",
    "Session",
    "SupplyOrder",
    "SupplyProtection",
    "TimezoneCode",
]
