"""What the person with a phone does. Each raises ValueError with a sentence when that is not possible."""

from simulator.network.calls import Call, Phone
from simulator.network.exchange import Exchange
from simulator.speech import say_seconds


def answer(exchange: Exchange, phone: Phone) -> None:
    _choose(phone, "answer")


def decline(exchange: Exchange, phone: Phone) -> None:
    _choose(phone, "busy")
    exchange.changed(phone)


def _choose(phone: Phone, choice: str) -> None:
    if phone.state != "ringing" or phone.choice is None or phone.choice.done():
        raise ValueError(f"{phone.name} is not ringing")
    phone.choice.set_result(choice)


def hang_up(exchange: Exchange, phone: Phone) -> None:
    call = _talking(phone)
    if phone.state == "ringing":
        decline(exchange, phone)
        return
    call.hung_up = True
    exchange.finish(call)


def press(exchange: Exchange, phone: Phone, digits: str) -> None:
    """Presses keys one after the other: digits, `*`, `#`."""
    call = _talking(phone)
    if not digits or set(digits) - set("0123456789*#"):
        raise ValueError("keys are 0 to 9, * and #")
    exchange.write(phone, "pressed", digits, call.sid)
    lost = [key for key in digits if not (call.listener is not None and call.listener.key(key))]
    if lost:
        exchange.write(phone, "note", f"nobody was listening to {''.join(lost)}", call.sid)


def speak(exchange: Exchange, phone: Phone, text: str) -> float:
    """Says words into the phone; the seconds it takes are returned, not waited for."""
    call = _talking(phone)
    if phone.state != "talking":
        raise ValueError(f"{phone.name} is not connected yet")
    seconds = say_seconds(text)
    exchange.write(phone, "spoke", text, call.sid)
    for other in call.room.audience(call) if call.room is not None else ():
        exchange.write(other.phone, "heard", f"{phone.name}: {text}", other.sid, seconds)
    if call.listener is not None:
        call.listener.speech(text, seconds)
    return seconds


def _talking(phone: Phone) -> Call:
    if phone.call is None:
        raise ValueError(f"{phone.name} is not on a call")
    return phone.call
