"""`python -m simulator`: runs the look-alike until it is told to stop. Each option has an environment variable."""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from simulator.config import Config
from simulator.identity import is_e164, new_sid
from simulator.page.control import add_phone
from simulator.server import Server

# option, environment variable, default, meaning
OPTIONS = (
    ("--host", "SIMULATOR_HOST", "127.0.0.1", "address to listen on"),
    ("--port", "SIMULATOR_PORT", "8010", "port to listen on"),
    ("--account-sid", "TWILIO_ACCOUNT_SID", "", "account of the REST API (made up when empty)"),
    ("--auth-token", "TWILIO_AUTH_TOKEN", "", "its token, which signs webhooks"),
    ("--number", "HOTLINE_NUMBER", "", "the account's phone number, E.164"),
    ("--voice-url", "SIMULATOR_VOICE_URL", "", "webhook for incoming calls"),
    ("--sms-url", "SIMULATOR_SMS_URL", "", "webhook for incoming texts"),
    ("--status-url", "SIMULATOR_STATUS_URL", "", "status callback of incoming calls"),
    ("--fallback-url", "SIMULATOR_FALLBACK_URL", "", "webhook used when the first one fails"),
    ("--speed", "SIMULATOR_SPEED", "1.0", "call seconds per real second"),
    ("--phones", "SIMULATOR_PHONES", "", "JSON file with [{number, name, role, note}]"),
    ("--panel-url", "SIMULATOR_PANEL_URL", "", "page shown beside the phones"),
    ("--board-url", "SIMULATOR_BOARD_URL", "", "the gateway's board, to which the page links"),
    ("--clock-url", "SIMULATOR_CLOCK_URL", "", "where the page reads and sets the pretended time"),
    ("--paging-url", "SIMULATOR_PAGING_URL", "", "where the page reads and sets the paging times"),
)


def main() -> int:
    options = _options()
    try:
        server, host, port = _server(options)
    except (ValueError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return asyncio.run(_serve(server, host, port))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    for option, variable, default, meaning in OPTIONS:
        parser.add_argument(option, default=os.environ.get(variable, default), help=f"{meaning} [{variable}]")
    return parser.parse_args()


def _server(options: argparse.Namespace) -> tuple[Server, str, int]:
    """Raises ValueError or OSError with what is wrong and with which option."""
    if not options.auth_token:
        raise ValueError("--auth-token is missing: any secret that the gateway also has")
    if not is_e164(options.number):
        raise ValueError(f"--number {options.number!r} is not an E.164 number such as +39058400")
    if not str(options.port).isdigit():
        raise ValueError(f"--port {options.port!r} is not a number")
    config = Config(options.auth_token, options.number, options.account_sid or new_sid("AC"))
    names = ("voice_url", "sms_url", "status_url", "fallback_url", "panel_url", "board_url", "clock_url", "paging_url")
    config.update(**{name: getattr(options, name) for name in names})
    server = Server(config, float(options.speed))
    for phone in json.loads(Path(options.phones).read_text(encoding="utf-8")) if options.phones else []:
        add_phone(server.exchange, phone)
    return server, options.host, int(options.port)


async def _serve(server: Server, host: str, port: int) -> int:
    stop = asyncio.Event()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_, stop.set)
    try:
        url = await server.open(host, port)
    except OSError as error:
        print(f"simulator: cannot listen on {host}:{port}: {error.strerror}", file=sys.stderr)
        await server.close()
        return 1
    print(f"telephone network of {server.config.number} on {url}/simulator/", flush=True)
    await stop.wait()
    await server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
