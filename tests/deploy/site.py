"""The gateway's web process behind the proxies of `deploy/`, all on this machine, as an operator would set them up."""

import datetime
import http.client
import itertools
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench.ports import free_port
from bench.stack import BIN, PIN_KEY, ROOT, Process
from core.clock import real_now
from core.db import Database
from simulator.signer import signature
from tests.programs_setup import proxy

HOST = "hotline.example.org"
PUBLIC_URL = f"https://{HOST}"
ACCOUNT, TOKEN, NUMBER = "AC" + "1" * 32, "the-token-of-this-account", "+390584000000"
START_S = 40.0
PATIENCE_S = 90.0
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
_CALLS = itertools.count(1)


@dataclass
class Certificate:
    """Self-signed, for HOST."""

    chain: Path
    key: Path

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.chain))


def make_certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = real_now()
    names = [x509.DNSName(HOST), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = Certificate(folder / "chain.pem", folder / "key.pem")
    certificate.chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate.key.write_bytes(key.private_bytes(*private))
    return certificate


@dataclass
class Door:
    """One way to the gateway: gunicorn's own port, or a proxy's with TLS."""

    port: int
    log: Path
    tls: ssl.SSLContext | None = None
    plain_port: int = 0  # where a proxy sends people on to https

    def connect(self) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        return self.tls.wrap_socket(plain, server_hostname=HOST) if self.tls else plain

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Status, headers and body, over a connection of its own."""
        connection = http.client.HTTPConnection(HOST, timeout=PATIENCE_S)
        connection.sock = self.connect()
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def incoming_call(self, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """What Twilio sends when somebody calls the hotline, signed for PUBLIC_URL; status and document."""
        params = {
            "AccountSid": ACCOUNT,
            "CallSid": f"CA{next(_CALLS):032x}",
            "CallStatus": "ringing",
            "Direction": "inbound",
            "From": "+390212345678",
            "To": NUMBER,
        }
        signed = signature(TOKEN, f"{PUBLIC_URL}/ivr/voice", params.items())
        fields = {"Content-Type": FORM, "X-Twilio-Signature": signed, **(headers or {})}
        status, _, document = self.ask("POST", "/ivr/voice", urlencode(params).encode(), fields)
        return status, document


@contextmanager
def gunicorn(database: Database, folder: Path) -> Iterator[Door]:
    """The web process, without a proxy."""
    port = free_port()
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TWILIO", "DATABASE"))},
        "DATABASE_URL": database.url,
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "HOTLINE_NUMBER": NUMBER,
        "SECRET_KEY": "a secret key for the tests of deploy",
        "PIN_KEY": PIN_KEY,
        "VAR_DIR": str(folder),
    }
    command = [str(BIN / "gunicorn"), "-b", f"127.0.0.1:{port}", "app:create_app()"]
    with _running(command, env, Door(port, folder / "gunicorn.log")) as door:
        yield door


@contextmanager
def nginx(behind: Door, certificate: Certificate, folder: Path) -> Iterator[Door]:
    """The shipped site file with this machine's free ports and our certificate, under Debian's limits."""
    folder.mkdir()
    secure, plain = free_port(), free_port()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{secure} ssl http2;"),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{behind.port};"),
        (f"/etc/letsencrypt/live/{HOST}/fullchain.pem", str(certificate.chain)),
        (f"/etc/letsencrypt/live/{HOST}/privkey.pem", str(certificate.key)),
    ):
        assert site.count(old) == 1, old
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"{part}_temp_path {folder}/{part};" for part in parts)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 768; }}\nhttp {{ access_log off;\n{places}\ninclude {folder}/site.conf; }}\n"
    )
    command = [proxy("nginx"), "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    door = Door(secure, folder / "nginx.log", certificate.trusting(), plain)
    with _running(command, {"PATH": os.environ["PATH"]}, door):
        yield door


@contextmanager
def caddy(behind: Door, certificate: Certificate, folder: Path) -> Iterator[Door]:
    """The shipped file with this machine's free ports and our certificate, without an authority to ask for one."""
    folder.mkdir()
    secure, plain = free_port(), free_port()
    words = (ROOT / "deploy" / "Caddyfile").read_text()
    for old, new in (
        ("{\n\tservers {", f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tservers {{"),
        (f"\n{HOST} {{", f"\n{HOST} {{\n\ttls {certificate.chain} {certificate.key}"),
        ("reverse_proxy 127.0.0.1:8000", f"reverse_proxy 127.0.0.1:{behind.port}"),
    ):
        assert words.count(old) == 1, old
        words = words.replace(old, new)
    (folder / "Caddyfile").write_text(words)
    env = {"PATH": os.environ["PATH"], **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))}
    command = [proxy("caddy"), "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]
    door = Door(secure, folder / "caddy.log", certificate.trusting(), plain)
    with _running(command, env, door):
        yield door


@contextmanager
def _running(command: list[str], env: dict[str, str], door: Door) -> Iterator[Door]:
    process = Process(command, env, door.log)
    try:
        until = time.monotonic() + START_S
        while not _healthy(door):
            alive = process.child.poll() is None and time.monotonic() < until
            assert alive, f"{command[0]} did not start:\n{door.log.read_text()[-4000:]}"
            time.sleep(0.05)
        yield door
    finally:
        process.stop(20)


def _healthy(door: Door) -> bool:
    try:
        return door.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


@contextmanager
def crowd(door: Door, idle: int, slow: int) -> Iterator[Callable[[], int]]:
    """So many connections that say nothing, and so many that send a byte each half second, half of them of a body.

    Gives a function that says how many of the slow ones have been cut off.
    """
    head = f"POST /ivr/voice HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {FORM}\r\n"
    beginnings = [head + "X-Slow: ", head + "Content-Length: 500\r\n\r\n"]
    over, cut = threading.Event(), set[int]()
    with ExitStack() as stack:
        for _ in range(idle):
            stack.enter_context(door.connect())
        dripping = [stack.enter_context(door.connect()) for _ in range(slow)]
        for number, line in enumerate(dripping):
            line.sendall(beginnings[number % 2].encode())

        def drip() -> None:
            while not over.wait(0.5):
                for number, line in enumerate(dripping):
                    try:
                        line.sendall(b"a")
                    except OSError:
                        cut.add(number)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield lambda: len(cut)
        finally:
            over.set()
            thread.join()
