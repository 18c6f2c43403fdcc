"""What an operator would enter in Twilio's console."""

from dataclasses import dataclass, field

from simulator.identity import new_sid


@dataclass
class Config:
    """The account, its one phone number and the addresses behind it. Addresses are empty until known."""

    auth_token: str
    number: str
    account_sid: str = field(default_factory=lambda: new_sid("AC"))
    number_sid: str = field(default_factory=lambda: new_sid("PN"))
    voice_url: str = ""
    sms_url: str = ""
    status_url: str = ""
    status_method: str = "POST"
    fallback_url: str = ""
    base_url: str = ""  # where this simulator itself is reached
    panel_url: str = ""
    board_url: str = ""
    clock_url: str = ""
    paging_url: str = ""
    webhook_timeout: float = 15.0  # real seconds
    retry_after: str = "1"  # header of every 429
    farewells: bool = True  # whether the result of a verb that ended as the caller hung up is told
    calls_per_second: float | None = None  # POST Calls beyond it wait in Twilio's queue

    def update(self, **changes: str | float | bool | None) -> None:
        """Raises ValueError for a name that is no setting."""
        for name, value in changes.items():
            if name not in self.__dataclass_fields__:
                raise ValueError(f"there is no setting {name!r}")
            setattr(self, name, value)
