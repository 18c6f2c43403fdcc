"""Everything that is spoken to callers, in one place. Read each aloud before changing it.

Sentences are short: a caller at three in the morning hears them once, maybe on a bad line.
"""

from collections.abc import Sequence

from core.text.phones import spell
from oncall.customers.call_back import Refused
from oncall.models.refusals import Reason
from oncall.paging.progress import Search
from oncall.wording import listed, ordinal


def greeting(company: str, staffed: bool) -> str:
    """First words to a caller, with the PIN prompt."""
    office = " To speak with our office now, press zero, then hash." if staffed else ""
    return (
        f"{company}, after-hours support, in English only."
        f" Please type your PIN, then press hash.{office} {OTHER_LANGUAGES_HINT}"
    )


OTHER_LANGUAGES_HINT = "For other languages, press star, then hash."


def rung_back(company: str) -> str:
    """First words when a registered number picks up the call that was announced to it."""
    return f"This is {company}, calling you back as announced. Please type your PIN, then press hash."


# First words to a technician's own number, which anybody can send: no name before the PIN.
STAFF_GREETING = "Hello. For the technician menu, type your own PIN, then press hash. Or type a customer's PIN."


PIN_AGAIN = "Please type your PIN, then press hash."
PIN_SILENT = "I did not hear any keys. Please type your PIN on the keypad, then press hash."


def pin_wrong(tries_left: int) -> str:
    """The PIN fits nobody, and there are tries left."""
    tries = "one more try" if tries_left == 1 else f"{tries_left} more tries"
    return f"This PIN is not right. Please type it again, then press hash. You have {tries}."


def go_on(whole: bool) -> str:
    """In a pause of the typing: `whole` when it looks as if only the hash were missing."""
    return "Please press hash." if whole else "Please go on, then press hash."


NOT_STAFFED = "Our office is closed now."
OFFICE_CONNECT = "I am connecting you with our office. One moment, please."
OFFICE_NO_ANSWER = "Nobody in the office could pick up."
OFFICE_THANKS = "Thank you for calling. Goodbye."

# One sentence a language: English only here, and where to turn in office hours (support guide, languages).
LANGUAGES = (
    (
        "it-IT",
        None,
        "Questo servizio è solo in inglese; per l'assistenza in italiano chiami questo numero dal lunedì al venerdì, "
        "dalle nove alle diciotto, e prema zero.",
    ),
    (
        "de-DE",
        None,
        "Dieser Dienst ist nur auf Englisch; auf Deutsch erreichen Sie uns unter dieser Nummer montags bis freitags "
        "von neun bis achtzehn Uhr mit der Taste Null.",
    ),
    (
        "fr-FR",
        None,
        "Ce service est uniquement en anglais ; pour une aide en français, appelez ce numéro du lundi au vendredi, "
        "de neuf heures à dix-huit heures, et appuyez sur zéro.",
    ),
    (
        "es-ES",
        None,
        "Este servicio es solo en inglés; para ayuda en español, llame a este número de lunes a viernes, "
        "de nueve a dieciocho horas, y pulse cero.",
    ),
    (
        "pt-PT",
        None,
        "Este serviço é apenas em inglês; para ajuda em português, ligue para este número de segunda a sexta-feira, "
        "das nove às dezoito horas, e prima zero.",
    ),
    (
        "arb",
        "Polly.Zeina",
        "هذه الخدمة باللغة الإنجليزية فقط، وللدعم بالعربية اتصلوا بهذا الرقم من الاثنين إلى الجمعة، من التاسعة "
        "صباحًا حتى السادسة مساءً، واضغطوا صفر.",
    ),
)

LEVEL = (
    "If you are a system administrator or a partner, and have done first troubleshooting, press 1."
    " If you are an end user, press 2."
)
PRIORITY = (
    "If the system is down, with a substantial loss of service, that is P1, critical: press 1."
    " If it works now and then, with a significantly reduced service, that is P2, high: press 2."
    " For planned maintenance, press 3. For anything else, press 4."
)
NOT_UNDERSTOOD = "Sorry, that key is not in use here."
NOTHING_HEARD = "I did not hear a key."
ONLY_WRONG_KEYS_WAITING = "Only keys that are not in use here were pressed. I listen again after the music."
ONLY_WRONG_KEYS_CALLBACK = "I could not understand a number."

MESSAGE = (
    "This line is for critical and high problems only, so I call nobody now. But you may leave a message after the"
    " tone, of up to one minute: it becomes a ticket for the next working day. When you are done, press hash or just"
    " hang up."
)


def message_kept(number: int) -> str:
    """After a message of the lower priorities."""
    digits = spell(str(number))
    return (
        f"Thank you. Your ticket number is {digits}. I repeat: {digits}."
        " We will look into it on the next working day. Goodbye."
    )


def known_problem(number: int, priority: str) -> str:
    """The customer has an open ticket already."""
    return (
        f"You have an open {priority} ticket, number {spell(str(number))}."
        " If you call about that one, press 1. For a new problem, press 2."
    )


def ticket_opened(number: int, promise_minutes: int | None, calling: bool) -> str:
    """The ticket's number, digit by digit, twice; what happens now; the promise."""
    digits = spell(str(number))
    now = " A technician is being called already." if calling else ""
    promise = "" if promise_minutes is None else f" We answer within {promise_minutes} minutes."
    return f"Your ticket number is {digits}. I repeat: {digits}.{now}{promise}"


DESCRIBE = "Please describe the problem after the tone, for up to one minute, then press hash."
DESCRIBED = "Thank you, that is on your ticket."


def rejoined(number: int) -> str:
    """The caller chose the known ticket."""
    return f"Ticket {spell(str(number))}."


WAIT_KEYS = "To be called back instead of waiting, press 1."


def waiting(search: Search) -> str:
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


def callback_offer(last_digits: str | None, *, searching: bool = True) -> str:
    """The caller would rather be called back. `searching`: than wait for somebody who is looked for."""
    same = (
        f"To be called back on the number ending in {spell(last_digits)}, press 1, then hash."
        " For another number, type it, then press hash."
        if last_digits
        else "Please type the number we should call, then press hash."
    )
    return f"{same} {_back(searching)}"


def _back(searching: bool) -> str:
    return f"{'To go on waiting' if searching else 'To go back'}, press star, then hash."


def callback_offer_registered(endings: Sequence[str], *, searching: bool = True) -> str:
    """Where the number called from is withheld or can't be called. `endings`: last digits of registered numbers."""
    if not endings:
        return f"I can't call the number you call from. {callback_offer(None, searching=searching)}"
    first, *others = endings
    keys = f"To be called back on the registered number ending in {spell(first)}, press 1, then hash."
    for key, ending in enumerate(others, start=2):
        keys += f" On the one ending in {spell(ending)}, press {key}, then hash."
    return f"{keys} For another number, type it, then press hash. {_back(searching)}"


CALLBACK_BAD = "I can't call that number."


def callback_refused(reason: Refused | None) -> str:
    """Why a number that was typed is not called."""
    return f"{_NOT_CALLED[reason or Refused.UNKNOWN]} {CALLBACK_BAD}"


_NOT_CALLED = {
    Refused.OURS: "That is our own number.",
    Refused.OFFICE: "That is the number of our office.",
    Refused.PERSON: "That is a number of our own team.",
    Refused.BLOCKED: "That number is blocked here.",
    Refused.EMERGENCY: "That is an emergency number.",
    Refused.PREMIUM: "That is a premium-rate number.",
    Refused.SHARED_COST: "That is a shared-cost number.",
    Refused.SATELLITE: "That is the number of a satellite phone.",
    Refused.PERSONAL: "That is a personal number, which leads on to others.",
    Refused.SPECIAL: "That is a special-rate number.",
    Refused.STAR: "A number can't have a star in it.",
    Refused.UNKNOWN: "That is not a whole telephone number.",
}
_SEARCH_GOES_ON = "Your ticket stays open, and we go on calling the technician."


def callback_agreed(last_digits: str, who: str = "") -> str:
    """A call back on the number called from: confirmed, and goodbye. `who` does it, where that is known."""
    return f"We will call you back on the number ending in {spell(last_digits)}. {who or _SEARCH_GOES_ON} Goodbye."


def callback_read_back(number: str, who: str = "") -> str:
    """A call back on a number that was typed: one wrong digit, and nobody is reached."""
    return f"We will call you back on plus {spell(number)}. {who or _SEARCH_GOES_ON} {CALLBACK_CORRECT}"


CALLBACK_CORRECT = "If the number is wrong, press 2. Otherwise you can hang up now."
CALLBACK_GOODBYE = "We will call you back. Goodbye."


def told_to_call(first_name: str) -> str:
    """In place of the search that goes on: a caller who had talked with a technician is to be called back."""
    return f"Your ticket stays open, and {first_name} is told to call you."


TOLD_TO_CALL = "Your ticket stays open, and I am calling somebody who will call you back."


JOINING = "A technician is here."


def joining_others(names: Sequence[str]) -> str:
    """For another caller about a ticket of which technicians (first names) talk already."""
    if not names:
        return JOINING
    talk = "is talking" if len(names) == 1 else "are talking"
    return f"{listed(names)} {talk} about this ticket already. I am joining you with the conversation."


def joins_you(customer: str | None, raised: str | None) -> str:
    """For those in a conversation when another caller comes in. `raised`: the priority that this one has reported."""
    whose = f" from {customer}" if customer else ""
    now = f" They report it as {raised} now." if raised else ""
    return f"Another caller{whose} is joining the conversation.{now}"


MISSED = "The conversation has ended just now, so I am calling the technician again. Please stay on the line."
NOT_JOINED = "The technician could not be connected with you. Please stay on the line."
TICKET_CLOSED = "Our technician has closed your ticket. If the problem is still there, please call again. Goodbye."
TECHNICIAN_FINISHED = "Your technician has ended the conversation. Thank you for calling. Goodbye."
HANDED_OVER = "Your technician hands you over to a colleague."

# After a technician has hung up, or the line has dropped: nobody knows which, so the caller is asked.
HUNG_UP = (
    "Your technician has hung up. If you are done, just hang up. If you were cut off, press 1, or stay on the line."
)
HUNG_UP_KEYS = "If you are done, just hang up. If you were cut off, press 1, or stay on the line."
HUNG_UP_AGAIN = "Your technician has hung up."
TRY_ONCE_MORE = "To try once more, press 1, or stay on the line. If you are done, just hang up."
WHAT_NEXT = "To speak with the next person on call, press 1. To be called back, press 2. If you are done, just hang up."


def ringing_again(first_name: str) -> str:
    """The technician is rung for a caller who stayed."""
    return f"I am calling {first_name} again. Please stay on the line."


def ringing_colleague(first_name: str) -> str:
    """Somebody else has taken the ticket meanwhile, and is rung for the caller."""
    return f"{first_name} has taken your ticket, and I am calling {first_name} for you. Please stay on the line."


def still_ringing(first_name: str) -> str:
    """The same, once the music is over."""
    return f"I am still calling {first_name}."


def unreached(first_name: str, *, busy: bool) -> str:
    """What came of it."""
    return f"{first_name}'s line is busy." if busy else f"{first_name} could not be reached."


NOBODY_CAME = "Nobody could be connected with you."


def silent_goodbye(first_name: str | None, *, wrong_keys: bool = False) -> str:
    """Nothing was chosen when the caller was asked what should happen next.

    `first_name`: of the technician; None for one who has left meanwhile. `wrong_keys`: other keys were pressed.
    """
    heard = "I only heard keys that are not in use here" if wrong_keys else "I did not hear a key"
    stays = "stays open." if first_name is None else f"stays with {first_name}, who is told by text."
    return f"{heard}, so I end this call. Your ticket {stays} Please call again if you need us. Goodbye."


def called_back(company: str, first_name: str, number: int) -> str:
    """First words when the customer picks up a call back."""
    return f"This is {company} support about ticket {spell(str(number))}. {first_name} is on the line."


def missed_you(company: str, number: int) -> str:
    """A customer picks up a call back whose technician's line has ended meanwhile."""
    return (
        f"This is {company} support about ticket {spell(str(number))}. We called you back, but our technician's line"
        " has ended just now. Please call us if you still need help. Goodbye."
    )


def ring_back_now(company: str) -> str:
    """A registered number over its own limit: it is rung, so that nobody can pretend to be it."""
    return (
        "Too many wrong PINs came from your number lately. To make sure that it is you, we call you back at once."
        f" Please pick up when {company} calls. Goodbye."
    )


SORRY = "I am sorry, something went wrong on our side."
SORRY_WITH_TICKET = SORRY + " Your ticket is safe and the technician is being called. Please stay on the line."
SORRY_AGAIN = SORRY + " Let us try once more."
SORRY_GOODBYE = SORRY + " Please call again in a moment. Goodbye."


def refusal(reason: Reason, web: str) -> str:
    """Why nobody is called, and what to do instead."""
    return f"{_REFUSALS[reason]} {_INSTEAD.get(reason, f'Please open a ticket on the web, at {web}.')} Goodbye."


_REFUSALS = {
    Reason.SILENT: "I did not hear any keys, so I have to end this call.",
    Reason.WRONG_PIN: "This PIN is not right.",
    Reason.WRONG_STAFF_PIN: "This PIN is not right.",
    Reason.GUESS_LIMIT: "There were too many wrong PINs lately, so I can't check yours now.",
    Reason.RETIRED: "Your company has no support contract with us any more.",
    Reason.NOT_PLATINUM: "Your support plan does not include the after-hours service, which is part of Platinum.",
    Reason.NOT_BEGUN: "Your support contract has not begun yet.",
    Reason.LAPSED: "Your support contract has expired, and there is no after-hours service until it is renewed.",
    Reason.UNPAID: "The fees of your support contract have not been paid, so the after-hours service is suspended.",
    Reason.APAC: "The after-hours service is not offered in the Asia-Pacific region.",
    Reason.END_OF_LIFE: "None of the products in your contract is still supported: they are past their end of life.",
    Reason.END_USER: "This line is for administrators and partners, who have done first troubleshooting.",
    Reason.LOW_PRIORITY: "I heard no message, and this line is for critical and high problems only.",
    Reason.NO_MAINTENANCE_WINDOW: "No maintenance is booked with us for this time.",
    Reason.INVALID_KEY: "I could not understand your choice.",
}
_INSTEAD = {
    Reason.WRONG_PIN: "Please look for the PIN in your contract's papers and call again.",
    Reason.WRONG_STAFF_PIN: "Please ask your manager for a new one.",
    Reason.GUESS_LIMIT: "Please call from a phone number that is registered with us, or try again in an hour.",
    Reason.RETIRED: "Please ask your sales contact in office hours.",
    Reason.LAPSED: "Please ask your sales contact for a renewal in office hours.",
    Reason.UNPAID: "Please contact our accounts office in office hours.",
    Reason.NOT_BEGUN: "Please ask your sales contact in office hours.",
    Reason.END_OF_LIFE: "Please ask your sales contact about an upgrade in office hours.",
    Reason.END_USER: "Please turn to your own administrator first, who can call us.",
    Reason.NO_MAINTENANCE_WINDOW: "Please book it in office hours, or call again if you have a critical problem.",
    Reason.INVALID_KEY: "Please call again, and wait for the choices.",
}
