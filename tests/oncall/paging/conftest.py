"""The roster desk of the planning tests, for those whose rules stand here."""

from tests.oncall.planning.conftest import desk, manager

__all__ = ["desk", "manager"]
