"""What an account may do. Each role may do everything that the ones before it may."""

from enum import StrEnum


class Role(StrEnum):
    """From the least to the most. Not the same as a person's role in paging: somebody who is never rung may manage."""

    VIEWER = "viewer"
    TECHNICIAN = "technician"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"

    def includes(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may. (Roles are words: `<` would compare letters.)"""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)
