"""Words that are met in texts from technicians, and what each means there."""

import re
from enum import StrEnum
from typing import Final


class Command(StrEnum):
    """What can be asked for by text. The words are typed in any case.

    None of them may be a word that Twilio acts on by itself (Twilio's documentation, "Support for opt-out keywords").
    """

    ACK = "ACK"
    PASS = "PASS"  # noqa: S105
    DONE = "DONE"
    OK = "OK"
    WHO = "WHO"
    HELP = "HELP"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VERBS: Final = {each.value.lower(): each for each in (Command.ACK, Command.PASS, Command.DONE)}
OKS: Final = _words("ok okay")
# Politeness around a command.
FILLERS: Final = OKS | _words("""
    k yes yep yeah yup hi hello hey ciao please pls thanks thank you thx good morning evening night roger sure fine
    bitte danke grazie merci gracias i re aw fwd
""")
# Between a command and its code.
LINKS: Final = _words("code codes page nr number num the")
WHOS: Final = _words("who who's whos")
HELPS: Final = _words("help info")
# Whatever refuses, doubts or puts off. With one of these beside it, no command is sure.
DOUBTS: Final = _words("""
    not no nope never don't dont do'nt doesn't doesnt didn't didnt can't cant cannot couldn't couldnt won't wont
    wouldn't wouldnt isn't isnt wasn't wasnt aren't arent haven't havent hasn't hasnt unable impossible nobody none
    without if when unless until instead later tomorrow maybe perhaps wait hold wrong mistake oops sorry undo cancel
    nevermind stop should shall could would or either almost nearly soon yet
    non nicht nein kein keine nie ne nunca não nao mai niet ما لا لم ليس لن
""")
# How a note begins that says plainly that nothing is done yet, in plain small letters. Everything else is the sender's
# own account of what they did, whatever it says.
UNDONE: Final = re.compile(
    r"\W*(?:(?:but|sorry|i|we|it|is|am|are|i'm|im|we're|it's|its|this|that)\W+)*"
    r"(?:not (?:yet|quite|really|completely|entirely|fully)?\W*"
    r"(?:yet|done|fixed|finished|closed|solved|resolved|ready|over|complete|completed|repaired)\b"
    r"|(?:not yet|isn't|isnt|almost|nearly)(?: (?:done|fixed|finished|closed|solved|resolved|ready|there))?\W*$"
    r"|still (?:not|open|broken|down|\w+ing)\b"
    r"|noch nicht\b|nicht (?:fertig|erledigt)\b|non (?:ancora|fatto)\b|pas (?:encore|fini)\b)"
)
# A note of nothing but these takes the command back.
TAKES_BACK: Final = DOUBTS - _words("when if without none nobody or")
# What our own texts have in the note's place.
EXAMPLES: Final = frozenset(
    {
        *("what you did", "what was done", "and what you did", "and what was done", "and your words", "your words"),
        *("closed: what you did", "closed: what was done"),
    }
)
# Words of the same meaning, some of them in the languages of our technicians: close to a command, never sure.
SYNONYMS: Final = {
    word: command
    for command, known in (
        (
            Command.ACK,
            "accept accepted acknowledge acknowledged acked take taking mine accetto accetta annehmen acepto",
        ),
        (Command.ACK, "angenommen aceito accepte"),
        (Command.PASS, "skip next passed passing passo passe weiter paso"),
        (
            Command.DONE,
            "close closed fixed solved resolved finished fatto chiuso erledigt fertig hecho feito fini fait",
        ),
    )
    for word in _words(known)
}
# Words of every day that are one letter away from a command.
OTHER_WORDS: Final = _words("one back past gone pack ask act pas don")
