"""Imports every module that owns tables, so that `Base.metadata` is whole."""

from core.db import Base
from oncall import (
    alarm_tokens,
    calls,
    channels,
    contact_faults,
    customers,
    messages,
    people,
    pin_attempts,
    programs,
    provider_health,
    rooms,
    rosters,
    send_queue,
    setting,
    tickets,
    worker_locks,
)
from oncall.accounts import models as account_models
from oncall.away import models as away_models
from oncall.drills import models as drill_models
from oncall.paging import models as paging_models
from oncall.rostering import drafting_models
from oncall.rostering import models as rostering_models
from oncall.watchdog import models as watchdog_models

__all__ = [
    "account_models",
    "alarm_tokens",
    "away_models",
    "calls",
    "channels",
    "contact_faults",
    "customers",
    "drafting_models",
    "drill_models",
    "messages",
    "paging_models",
    "people",
    "pin_attempts",
    "programs",
    "provider_health",
    "rooms",
    "rostering_models",
    "rosters",
    "send_queue",
    "setting",
    "tickets",
    "watchdog_models",
    "worker_locks",
]

metadata = Base.metadata
