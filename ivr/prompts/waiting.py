"""To a caller who waits for a technician."""

from oncall.paging.progress import Search
from oncall.wording import ordinal

WAIT_KEYS = "To be called back instead of waiting, press 1."
ONLY_WRONG_KEYS = "Only keys that are not in use here were pressed. I listen again after the music."


def status(search: Search) -> str:
    """What is really going on while a caller waits."""
    if search.taken_by is not None:
        return f"{search.taken_by} has taken your ticket and is being connected with you."
    if not search.tried:
        return "I can't reach a technician at this moment. I keep trying, and your ticket stays open."
    if search.everybody:
        return "Nobody has answered yet. We are now calling everybody in the team at once, again and again."
    if search.round > 1:
        return "Nobody has answered yet. We are going through the list once more, one person after the other."
    if search.tried == 1:
        usual = "the next person on call" if search.goes_on else "the technician on call"
        whom = f"{search.first}, who has your ticket" if search.first else usual
        return f"We are calling {whom}."
    return f"No answer yet. We are calling the {ordinal(search.tried)} person on the list."
