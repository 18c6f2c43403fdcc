"""Health and metrics, for machines that watch."""
