"""Tables of the service's own running: workers, the provider's health, send rates, journals, troubles."""
