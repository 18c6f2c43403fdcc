"""Every table of the service, its states, and look-ups on its own rows. Importing it makes `Base.metadata` whole."""

from core.db import Base
from oncall.models import (
    calls,
    conferences,
    customers,
    drills,
    messages,
    pages,
    people,
    refusals,
    rosters,
    stored_settings,
    tickets,
)
from oncall.models.access import accounts, api_tokens, displays, pin_attempts, saved_views, ticket_passes
from oncall.models.contacts import channels, contact_faults
from oncall.models.operations import journal, provider_health, send_rates, troubles, worker_locks
from oncall.models.planning import changes, drafts
from oncall.models.work import recordings

__all__ = [
    "accounts",
    "api_tokens",
    "calls",
    "changes",
    "channels",
    "conferences",
    "contact_faults",
    "customers",
    "displays",
    "drafts",
    "drills",
    "journal",
    "messages",
    "pages",
    "people",
    "pin_attempts",
    "provider_health",
    "recordings",
    "refusals",
    "rosters",
    "saved_views",
    "send_rates",
    "stored_settings",
    "ticket_passes",
    "tickets",
    "troubles",
    "worker_locks",
]

metadata = Base.metadata
