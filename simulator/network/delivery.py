"""Ways in which webhooks and callbacks go wrong on their way, although both ends work."""

from dataclasses import dataclass


@dataclass
class DeliveryFaults:
    """Call seconds. `slow` also holds up the webhooks whose answer is needed; the others touch callbacks only."""

    slow: float = 0.0
    duplicate: bool = False  # everything arrives twice
    late: float = 0.0
    shuffled: float = 0.0  # each callback waits a random time up to this
