"""About what was typed, at any question."""

NOT_UNDERSTOOD = "Sorry, that key is not in use here."
NOTHING_HEARD = "I did not hear a key."


def go_on(whole: bool) -> str:
    """In a pause of the typing: `whole` when it looks as if only the hash were missing."""
    return "Please press hash." if whole else "Please go on, then press hash."
