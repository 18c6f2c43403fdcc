"""Settings from the environment. A wrong or missing one stops the start with a line that names the remedy."""

import os
import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.buckets import parse_bucket
from core.security.hosts import host_of, is_this_machine, parse_hosts
from core.security.key_values import is_kept_in, is_placeholder, weakness
from core.settings_values import e164, hosts, http_address, instant, postgres_address, upload_address

SIMULATED_SID = "AC" + "0" * 31 + "1"
SIMULATED_NUMBER = "+390584943299"


class SettingsError(Exception):
    """One line: the variable, what is wrong with it, what to do."""


Address = Annotated[str, AfterValidator(http_address)]
E164 = Annotated[str, AfterValidator(e164)]


# The demo makes each once in this file of `var_dir`; and what to do where it won't do.
_KEYS: Final = {
    "secret_key": ("secret_key", "set it to 32 random characters (web sessions)"),
    "pin_key": ("pin_key", "set it to 32 random characters, and keep it: PINs can't be checked without it"),
}


class Settings(BaseSettings):
    """What the environment says. Attributes have the variables' names in lower case."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", env_ignore_empty=True, frozen=False)

    database_url: Annotated[str, AfterValidator(postgres_address)] | None = None
    public_url: Address = "http://127.0.0.1:8000"
    secret_key: str | None = None
    pin_key: str | None = None
    hotline_number: E164 | None = None
    twilio_account_sid: str | None = Field(None, pattern=r"^AC\w+$")
    twilio_auth_token: str | None = None
    twilio_api_url: Address | None = None
    clock_start: Annotated[datetime | None, BeforeValidator(instant)] = None
    trusted_hosts: Annotated[str, AfterValidator(hosts)] | None = None
    smtp_url: str | None = Field(None, pattern=r"^smtps?(\+starttls)?://")

    company_name: str = "Aurora Communications"
    support_web_address: str = "support.example.org"
    mail_from: str = "hotline@example.org"
    default_region: str = "europe"
    pin_length: int = Field(8, ge=6, le=16)
    pin_limit_number_hour: int = Field(5, ge=1)
    pin_limit_number_day: int = Field(10, ge=1)
    pin_limit_all_hour: int = Field(20, ge=1)
    pin_limit_all_day: int = Field(100, ge=1)
    pin_limit_registered_hour: int = Field(30, ge=3)
    code_length: int = Field(6, ge=6, le=8)
    code_limit_number_hour: int = Field(5, ge=1)
    code_limit_all_hour: int = Field(50, ge=1)
    code_limit_all_day: int = Field(100, ge=1)
    text_answers_number_hour: int = Field(20, ge=1)
    text_answers_all_hour: int = Field(100, ge=1)
    stranger_answers_hour: int = Field(20, ge=0)
    provider_timeout: float = Field(10.0, gt=0, description="seconds for one request to Twilio")
    worker_concurrency: int = Field(16, ge=1, le=64)
    calls_per_second: float = Field(1.0, ge=0, le=1000, description="outgoing calls of the hotline's number; 0: any")
    texts_per_second: float = Field(10.0, ge=0, le=1000, description="texts of the hotline's number; 0: any")
    transcribe: bool = Field(False, description="let Twilio write down what callers say; it costs, and takes English")
    request_head_seconds: float = Field(10.0, gt=0, le=600, description="for a client to send a request's head")
    request_body_seconds: float = Field(10.0, gt=0, le=600, description="for its body, and more for a long one")
    answer_seconds: float = Field(20.0, gt=0, le=600, description="for a client to read an answer, likewise")
    snapshot_old_hours: float = Field(24, gt=0)
    fallback_upload: Annotated[str, AfterValidator(upload_address)] | None = None
    fallback_upload_token: str | None = None
    fallback_upload_key_id: str | None = Field(None, repr=False)
    fallback_upload_secret: str | None = Field(None, repr=False)
    var_dir: Path = Path("var")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    simulator_url: Address = "http://127.0.0.1:8001"

    @model_validator(mode="after")
    def _whole(self) -> "Settings":
        if (self.twilio_account_sid is None) != (self.twilio_auth_token is None):
            missing = "TWILIO_AUTH_TOKEN" if self.twilio_account_sid else "TWILIO_ACCOUNT_SID"
            raise ValueError(f"{missing}: is missing; set it together with the other Twilio credential")
        if self.twilio_api_url and self.simulated:
            raise ValueError("TWILIO_ACCOUNT_SID: is missing; TWILIO_API_URL needs the credentials of that network")
        if not self.simulated and self.hotline_number is None:
            raise ValueError("HOTLINE_NUMBER: is missing; set it to the number that customers call (E.164)")
        self._check_bucket_key()
        self._check_upload_is_private()
        if not self.simulated:
            self._refuse_demo_keys()
        if self.real_twilio:
            self._refuse_demo_values()
        return self

    def _check_bucket_key(self) -> None:
        bucket = urlsplit(self.fallback_upload or "").scheme == "s3"
        for name, other in (("key_id", "secret"), ("secret", "key_id")):
            given, needed = (getattr(self, f"fallback_upload_{part}") for part in (other, name))
            if needed is None and (given is not None or bucket):
                remedy = f"set it together with FALLBACK_UPLOAD_{other.upper()}, to a key that may write to the bucket"
                raise ValueError(f"FALLBACK_UPLOAD_{name.upper()}: is missing; {remedy}")

    def _check_upload_is_private(self) -> None:
        """A secret of the upload travels by https, or not beyond this machine."""
        address = self.fallback_upload or ""
        parts = urlsplit(address)
        if parts.scheme == "s3":
            place = parse_bucket(address)
            if not place.secure and not is_this_machine(place.host):
                raise ValueError(
                    "FALLBACK_UPLOAD: has an http:// endpoint, which would show the key to everybody on the way;"
                    " set an endpoint that begins with https://"
                )
        elif parts.scheme == "http" and not is_this_machine(parts.hostname):
            named = "its user and password" if parts.username or parts.password else ""
            secret = "FALLBACK_UPLOAD_TOKEN" if self.fallback_upload_token else named
            if secret:
                raise ValueError(
                    f"FALLBACK_UPLOAD: is not https, which would show {secret} to everybody on the way;"
                    " set an address that begins with https://"
                )

    def _refuse_demo_keys(self) -> None:
        """A placeholder, and what the demo has made for itself, is no key for a telephone network.

        More is asked of keys for real Twilio alone: a test's network is tested with keys such as "testing".
        """
        for name, (_, remedy) in _KEYS.items():
            value = getattr(self, name)
            if value is None:
                continue
            if is_placeholder(value):
                raise ValueError(f"{name.upper()}: is an example that everybody can read; {remedy}")
            if any(is_kept_in(value, self.var_dir / made) for made, _ in _KEYS.values()):
                raise ValueError(f"{name.upper()}: is the key of a demo in {self.var_dir}; {remedy}")

    def _refuse_demo_values(self) -> None:
        for name, (_, remedy) in _KEYS.items():
            value = getattr(self, name)
            if value is None:
                raise ValueError(f"{name.upper()}: is missing; {remedy}")
            if (problem := weakness(value)) is not None:
                raise ValueError(f"{name.upper()}: {problem}; {remedy}")
        if self.secret_key == self.pin_key:
            raise ValueError("PIN_KEY: is the same as SECRET_KEY; set it to 32 random characters of its own")
        if self.smtp_url is None:
            remedy = "set it to the mail server, such as smtp+starttls://user:password@mail.example.org"
            raise ValueError(f"SMTP_URL: is missing; {remedy}")
        if self.clock_start is not None:
            raise ValueError("CLOCK_START: is refused while real Twilio is called; unset it")
        if urlsplit(self.public_url).scheme != "https":
            raise ValueError(
                f"PUBLIC_URL: {self.public_url} is not https; set it to the https address that Twilio reaches"
            )

    @property
    def simulated(self) -> bool:
        """Whether the built-in simulator is the telephone network."""
        return self.twilio_account_sid is None

    @property
    def real_twilio(self) -> bool:
        """Whether calls would go to Twilio itself, where money and sleep are at stake."""
        if self.simulated:
            return False
        host = urlsplit(self.twilio_api_url).hostname if self.twilio_api_url else "api.twilio.com"
        return host is not None and (host == "twilio.com" or host.endswith(".twilio.com"))

    @property
    def account_sid(self) -> str:
        return self.twilio_account_sid or SIMULATED_SID

    @cached_property
    def auth_token(self) -> str:
        return self.twilio_auth_token or made_once(self.var_dir / "simulator_token")

    @property
    def api_url(self) -> str | None:
        """Base of the REST API, or None for Twilio's own."""
        return self.simulator_url if self.simulated else self.twilio_api_url

    @property
    def page_hosts(self) -> frozenset[str]:
        """Hosts under which people reach the pages, besides this machine's own names (`core.security.hosts`)."""
        return frozenset({host_of(self.public_url), *parse_hosts(self.trusted_hosts or "")})

    @property
    def https(self) -> bool:
        """Whether people and Twilio reach this gateway by https."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def our_number(self) -> str:
        """The hotline's own number, E.164."""
        return self.hotline_number or SIMULATED_NUMBER

    @cached_property
    def session_secret(self) -> str:
        return self.secret_key or made_once(self.var_dir / "secret_key")

    @cached_property
    def pin_secret(self) -> bytes:
        return (self.pin_key or made_once(self.var_dir / "pin_key")).encode()


def made_once(path: Path) -> str:
    """The random secret in `path`, made by whichever process comes first; readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        try:
            os.link(draft, path)  # fails when another process was first: then theirs counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def load_settings() -> Settings:
    """Settings from this process's environment.

    Raises SettingsError with one line for the first thing that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        message = str(first["msg"]).removeprefix("Value error, ")
        if not first["loc"]:
            raise SettingsError(message) from None
        name = str(first["loc"][0]).upper()
        shown = (
            ""
            if name.endswith(("KEY", "KEY_ID", "SECRET", "TOKEN"))
            or name in {"DATABASE_URL", "SMTP_URL", "FALLBACK_UPLOAD"}
            else f" (got {first['input']!r})"
        )
        raise SettingsError(f"{name}: {message}{shown}") from None
