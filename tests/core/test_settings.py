"""Settings: what stands in the environment counts, and what is wrong is said in one line with the remedy."""

import os
import secrets
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.security.key_values import weakness
from core.settings import SIMULATED_NUMBER, SettingsError, load_settings, made_once

TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "secret-token",
    "HOTLINE_NUMBER": "+390584943232",
    "PUBLIC_URL": "https://hotline.example.org",
    "SECRET_KEY": "xzFvT3zW9q0cPz1mBv5sQkYh",
    "PIN_KEY": "pin-" + "q7WlMd2uXc8RjN4e" * 2,
    "SMTP_URL": "smtp+starttls://user:pw@mail.example.org",
}
OUTSIDE = {"TWILIO_API_URL": "http://127.0.0.1:9"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*TWILIO, *OUTSIDE, "DATABASE_URL", "CLOCK_START", "VAR_DIR", "TRUSTED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def setting(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_with_nothing_set_the_simulator_is_the_network(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.simulated
    assert not settings.real_twilio
    assert settings.our_number == SIMULATED_NUMBER
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.pin_secret == (tmp_path / "var" / "pin_key").read_bytes()
    assert len(settings.session_secret) >= 32
    assert settings.auth_token != settings.session_secret


def test_twilio_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, **TWILIO)
    settings = load_settings()
    assert settings.real_twilio
    assert not settings.simulated
    assert settings.api_url is None
    assert settings.auth_token == "secret-token"
    assert settings.pin_secret == TWILIO["PIN_KEY"].encode()


@pytest.mark.parametrize("url", ["https://api.twilio.com", "https://api.dublin.ie1.twilio.com", "https://twilio.com"])
def test_a_part_of_twilio_is_twilio(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    setting(monkeypatch, **TWILIO, TWILIO_API_URL=url)
    assert load_settings().real_twilio


@pytest.mark.parametrize("url", ["https://twilio.com.example.org", "https://nottwilio.com", "http://127.0.0.1:8001"])
def test_another_network_needs_no_secrets_and_may_pretend_a_time(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    setting(monkeypatch, **{name: TWILIO[name] for name in list(TWILIO)[:3]}, TWILIO_API_URL=url)
    setting(monkeypatch, CLOCK_START="2026-06-14T02:00:00+02:00")
    settings = load_settings()
    assert not settings.real_twilio
    assert settings.clock_start == datetime(2026, 6, 14, tzinfo=UTC)
    assert settings.api_url == url


@pytest.mark.parametrize("missing", ["HOTLINE_NUMBER", "SECRET_KEY", "PIN_KEY", "SMTP_URL"])
def test_real_calls_need_everything(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    setting(monkeypatch, **{name: value for name, value in TWILIO.items() if name != missing})
    with pytest.raises(SettingsError, match=rf"^{missing}: is missing; set it to") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN: is missing"),
        ({"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID: is missing"),
        ({"TWILIO_ACCOUNT_SID": "PN123"}, "TWILIO_ACCOUNT_SID: "),
        ({"HOTLINE_NUMBER": "0584943232"}, "HOTLINE_NUMBER: .*country prefix"),
        ({"PUBLIC_URL": "http://hotline.example.org"}, "PUBLIC_URL: .* is not https"),
        ({"PUBLIC_URL": "hotline.example.org"}, "PUBLIC_URL: must be an http"),
        ({"PUBLIC_URL": "https://hotline.example.org:port"}, "PUBLIC_URL: must be an http"),
        ({"PUBLIC_URL": "https://[hotline.example.org"}, "PUBLIC_URL: must be an http"),
        ({"PIN_KEY": "short"}, "PIN_KEY: is too short"),
        ({"CLOCK_START": "2026-06-14T02:00:00Z"}, "CLOCK_START: is refused while real Twilio is called"),
        ({"CLOCK_START": "2026-06-14T02:00:00"}, "CLOCK_START: must carry an offset"),
        ({"CLOCK_START": "Sunday"}, "CLOCK_START: must be an ISO 8601 instant"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL: must be a PostgreSQL address"),
        ({"SMTP_URL": "mail.example.org"}, "SMTP_URL: "),
        ({"PIN_LENGTH": "4"}, "PIN_LENGTH: "),
        ({"PIN_LIMIT_ALL_HOUR": "none"}, "PIN_LIMIT_ALL_HOUR: "),
    ],
)
def test_what_is_wrong_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], said: str) -> None:
    setting(monkeypatch, **TWILIO | wrong)
    with pytest.raises(SettingsError, match=f"^{said}") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_no_secret_stands_in_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIN_KEY", "SECRET_KEY"):
        setting(monkeypatch, **TWILIO | {name: "hush-hush"})
        with pytest.raises(SettingsError) as caught:
            load_settings()
        assert "hush-hush" not in str(caught.value)


# Written here as templates, instructions and hurried people write them.
EXAMPLES = [
    "...",
    "changeme",
    "Change-Me!",
    "CHANGE_ME_CHANGE_ME",
    "changeme12345678",
    "secret",
    "your-secret-key-here",
]
PLACEHOLDERS = [*EXAMPLES[:3], "your-secret-key-here", "<your pin key>", "REPLACE_ME", "***"]
HARMLESS = ["x" * 32, "test", "secret", "pin-key", "testing", "secret-key", "dev", "k", "0" * 16, "testtesttesttest"]
EXAMPLES += ["example", "testtesttesttest", "xxxxxxxxxxxxxxxxxxxxxxxx", "<your secret key>", "demo", "***"]


@pytest.mark.parametrize("name", ["SECRET_KEY", "PIN_KEY"])
@pytest.mark.parametrize(
    ("value", "network"),
    [*((value, {}) for value in EXAMPLES), *((value, OUTSIDE) for value in PLACEHOLDERS)],
)
def test_a_key_that_everybody_can_read_is_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, network: dict[str, str]
) -> None:
    setting(monkeypatch, **TWILIO | network | {name: value})
    with pytest.raises(SettingsError, match=rf"^{name}: is an example that everybody can read; set it to") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", HARMLESS)
def test_another_network_takes_the_keys_of_its_tests(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    setting(monkeypatch, **TWILIO | OUTSIDE | {"SECRET_KEY": value, "PIN_KEY": value})
    assert load_settings().pin_secret == value.encode()
    setting(monkeypatch, TWILIO_API_URL="https://api.twilio.com")
    with pytest.raises(SettingsError, match=r"^SECRET_KEY: "):
        load_settings()


@pytest.mark.parametrize("value", EXAMPLES)
def test_the_simulator_takes_any_key(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    setting(monkeypatch, SECRET_KEY=value, PIN_KEY=value)
    assert load_settings().session_secret == value


@pytest.mark.parametrize("made", ["secret_key", "pin_key"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "PIN_KEY"])
@pytest.mark.parametrize("network", [{}, OUTSIDE], ids=["Twilio", "another network"])
def test_nor_is_one_that_the_demo_has_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, made: str, network: dict[str, str]
) -> None:
    value = made_once(tmp_path / "place" / made)
    setting(monkeypatch, **TWILIO | network | {name: value, "VAR_DIR": str(tmp_path / "place")})
    with pytest.raises(SettingsError, match=rf"^{name}: is the key of a demo in ") as caught:
        load_settings()
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["s" * 32, "12" * 12, "a1b2c" * 5, "0123401234012340"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "PIN_KEY"])
def test_nor_one_of_a_few_letters(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    setting(monkeypatch, **TWILIO | {name: value})
    with pytest.raises(SettingsError, match=rf"^{name}: can be guessed; set it to"):
        load_settings()


def test_each_key_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, **TWILIO | {"PIN_KEY": TWILIO["SECRET_KEY"]})
    with pytest.raises(SettingsError, match=r"^PIN_KEY: is the same as SECRET_KEY; set it to"):
        load_settings()


def test_random_keys_are_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand of those that README and the manual make."""
    for _ in range(1000):
        for value in (secrets.token_urlsafe(32), secrets.token_hex(16), secrets.token_urlsafe(12)):
            assert weakness(value) is None, value


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("desk.example.org", {"desk.example.org"}),
        ("Desk.Example.org., pages.example.org ", {"desk.example.org", "pages.example.org"}),
        ("desk.example.org:8443", {"desk.example.org"}),
        ("Bücher.example", {"xn--bcher-kva.example"}),
        ("192.0.2.7,2001:DB8::1,[2001:db8:0::2]:443", {"192.0.2.7", "2001:db8::1", "2001:db8::2"}),
        (",desk.example.org,,", {"desk.example.org"}),
    ],
)
def test_more_names_of_the_pages(monkeypatch: pytest.MonkeyPatch, given: str, names: set[str]) -> None:
    setting(monkeypatch, TRUSTED_HOSTS=given, PUBLIC_URL="https://Hotline.example.org:8443/night")
    assert load_settings().page_hosts == names | {"hotline.example.org"}


@pytest.mark.parametrize(
    "given",
    [
        *("*", "*.example.org", ".example.org", "https://desk.example.org", "desk.example.org/", "desk.example.org b"),
        *(
            "user@desk.example.org",
            "desk.example.org:port",
            "desk..example.org",
            "-desk.example.org",
            "256.1.1.1",
            "[::1",
        ),
    ],
)
def test_names_that_are_none(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    setting(monkeypatch, TRUSTED_HOSTS=f"good.example.org,{given}")
    with pytest.raises(SettingsError, match=r"^TRUSTED_HOSTS: must be names of hosts, separated by commas") as caught:
        load_settings()
    assert "\n" not in str(caught.value)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, PUBLIC_URL="", DATABASE_URL="", CLOCK_START="")
    settings = load_settings()
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url is None


def test_addresses_are_kept_without_their_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, PUBLIC_URL="https://hotline.example.org/night/", DATABASE_URL="postgres://u:p@db/nightline")
    settings = load_settings()
    assert settings.public_url == "https://hotline.example.org/night"
    assert settings.database_url == "postgresql://u:p@db/nightline"


def test_a_secret_is_made_once_whoever_comes_first(tmp_path: Path) -> None:
    path, made = tmp_path / "var" / "key", []
    threads = [threading.Thread(target=lambda: made.append(made_once(path))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 16
    assert set(made) == {path.read_text()}
    assert len(made[0]) == 64
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["key"]
