"""The way in: first words, the PIN, the office, other languages."""


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


def ring_back_now(company: str) -> str:
    """A registered number over its own limit: it is rung, so that nobody can pretend to be it."""
    return (
        "Too many wrong PINs came from your number lately. To make sure that it is you, we call you back at once."
        f" Please pick up when {company} calls. Goodbye."
    )


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
