"""Tests that read like phone calls: a simulated telephone network, real HTTP on every hop, real processes."""
