"""Why nobody is called, and what to do instead."""

from oncall.models.refusals import Reason


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
