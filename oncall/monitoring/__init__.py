"""Whether the service works: metrics, preflight checks, the watchdog."""
