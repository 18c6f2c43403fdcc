"""Who looks at the page of a ticket."""

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db import Database
from tests.web.signing_in import signed_in
from tests.web.tickets.desk import fill


@pytest.fixture
def dark(twilio_app: Flask, database: Database, now: datetime) -> Flask:
    """Ada's phone rings for ticket 1043, and the caller holds."""
    fill(database, now)
    return twilio_app


@pytest.fixture
def ada(dark: Flask) -> FlaskClient:
    return signed_in(dark)


@pytest.fixture
def bruno(dark: Flask) -> FlaskClient:
    return signed_in(dark, "bruno@example.org")
