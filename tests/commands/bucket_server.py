"""A server with one bucket, which checks requests' signatures (AWS Signature Version 4) by the published rules."""

import hashlib
import hmac
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from core.clock import real_now

Headers = Mapping[str, str] | Message
KEY_ID: Final = "ANIGHTLINEKEY"
SECRET: Final = "a secret/of+tests"
BUCKET: Final = "on-call.example"
REGION: Final = "eu-south-1"


@dataclass
class Bucket:
    """`objects`: by path, body and headers. `refusals`: codes of errors, in order. `answer`: instead of any other."""

    endpoint: str = ""
    objects: dict[str, tuple[bytes, Headers]] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    answer: tuple[int, str, str] | None = None


def s3(bucket: Bucket, name: str = BUCKET, region: str = REGION, **more: str) -> dict[str, str]:
    """Settings that upload there; `more`: others than the right key."""
    address = f"s3://{name}/a folder/fallback+1.xml?endpoint={bucket.endpoint}&region={region}"
    key = {"fallback_upload_key_id": KEY_ID, "fallback_upload_secret": SECRET}
    return {"fallback_upload": address} | key | more


def signature(method: str, path: str, headers: Headers, secret: str) -> str:
    """What the signature of a request without a query has to be, by the scope and the headers that it says are signed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    found = re.search(r"Credential=[^/]+/(\S+?), ?SignedHeaders=(\S+?), ?Signature=", headers["Authorization"])
    assert found is not None
    scope, names = found[1], found[2].split(";")
    lines = [f"{name}:{' '.join(headers[name].split())}\n" for name in names]
    request = "\n".join([method, path, "", "".join(lines), ";".join(names), headers["x-amz-content-sha256"]])
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    words = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, digest])
    return hmac.digest(key, words.encode(), "sha256").hex()


def _refusal(path: str, headers: Headers, body: bytes) -> tuple[int, str] | None:
    """Status and code of the error that such a request gets, or None."""
    given = headers["Authorization"]
    if not re.search(rf"Credential={KEY_ID}/\d{{8}}/{REGION}/s3/aws4_request,", given):
        return (403, "InvalidAccessKeyId") if KEY_ID not in given else (400, "AuthorizationHeaderMalformed")
    if not given.endswith(f"Signature={signature('PUT', path, headers, SECRET)}"):
        return 403, "SignatureDoesNotMatch"
    if headers["x-amz-content-sha256"] not in {hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD"}:
        return 400, "XAmzContentSHA256Mismatch"
    if not path.startswith(f"/{BUCKET}/"):
        return 404, "NoSuchBucket"
    return None


def make_certificate(folder: Path) -> Path:
    """A certificate of this machine's address, signed by itself, good for an hour; with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "storage of our own")])
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = real_now()
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    certificate = made.add_extension(address, critical=False).sign(key, hashes.SHA256())
    pem = certificate.public_bytes(Encoding.PEM)
    place = folder / "certificate.pem"
    place.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    return place


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Bucket]:
    """A server on a free port of this machine; with a certificate, by https."""
    bucket = Bucket()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            refusal = _refusal(self.path, self.headers, body)
            if bucket.answer is not None:
                self._answer(*bucket.answer)
            elif refusal is not None:
                status, code = refusal
                bucket.refusals.append(code)
                text = (
                    f"<Error><Code>{code}</Code><Message>m</Message><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId></Error>"
                )
                self._answer(status, "application/xml", text)
            else:
                bucket.objects[self.path] = (body, self.headers)
                self._answer(200, "application/xml", "")

        def _answer(self, status: int, kind: str, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Location", f"{bucket.endpoint}/elsewhere")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    bucket.endpoint = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True).start()
    yield bucket
    server.shutdown()
    server.server_close()
