"""Where the fallback document can be put: addresses, keys, and what goes wrong there."""

import hashlib
import socket
from pathlib import Path

import pytest

from core.buckets import parse_bucket
from core.settings import Settings, SettingsError, load_settings
from ivr.fallback.places import UploadError, put
from tests.commands.bucket_server import KEY_ID, SECRET, Bucket, make_certificate, s3, serving, signature


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((503, "text/html", "<p>busy"), "answers with HTTP status 503"),
        ((307, "text/html", "<p>elsewhere"), "answers with HTTP status 307"),
        ((503, "application/xml", "<Error><Code>SlowDown</Code></Error>"), "answers with the error SlowDown"),
        ((403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"), "does not let this key write to bucket"),
        ((403, "application/xml", "no xml"), "is not a server of buckets (ParseError)"),
    ],
)
def test_other_answers_of_buckets(tmp_path: Path, bucket: Bucket, answer: tuple[int, str, str], words: str) -> None:
    bucket.answer = answer
    with pytest.raises(UploadError) as caught:
        put(Settings.model_validate({"var_dir": tmp_path, **s3(bucket)}), "<Response/>")
    assert str(caught.value).startswith(f"127.0.0.1 {words}")


def test_a_bucket_that_is_silent_or_away(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_one = Bucket(f"http://127.0.0.1:{silent.getsockname()[1]}")
        for place, why in ((silent_one, "ReadTimeoutError"), (Bucket("http://127.0.0.1:9"), "NewConnectionError")):
            settings = Settings.model_validate({"var_dir": tmp_path, "provider_timeout": 0.2, **s3(place)})
            with pytest.raises(UploadError, match=rf"^127.0.0.1 does not answer \({why}\)$"):
                put(settings, "<Response/>")


def test_a_bucket_by_https_with_a_certificate_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    with serving(certificate) as bucket:
        settings = Settings.model_validate({"var_dir": tmp_path, **s3(bucket)})
        with pytest.raises(UploadError, match=r"^127.0.0.1 does not answer \(SSLError\)$"):
            put(settings, "<Response/>")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        put(settings, "<Response/>")
    assert [body for body, _ in bucket.objects.values()] == [b"<Response/>"]


def test_the_bucket_server_knows_signatures() -> None:
    """Amazon's own example: sig-v4-header-based-auth.html, "PUT Object"."""
    headers = {
        "date": "Fri, 24 May 2013 00:00:00 GMT",
        "host": "examplebucket.s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": hashlib.sha256(b"Welcome to Amazon S3.").hexdigest(),
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=",
    }
    made = signature("PUT", "/test%24file.text", headers, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    assert made == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3:bucket/x", "must be s3://bucket"),
        ("s3://UPPER/x", "must be s3://bucket"),
        ("s3://key:secret@bucket/x", "must be s3://bucket"),
        ("s3://bucket", "must name a file"),
        ("s3://bucket/a/../x", "must name a file"),
        ("s3://bucket/x?token=1", "takes endpoint and region"),
        ("s3://bucket/x?region=a&region=b", "takes endpoint and region"),
        ("s3://bucket/x?endpoint=s3.example.org", "must have an http"),
        ("s3://bucket/x?endpoint=https://key:secret@s3.example.org", "must have an http"),
        ("s3://bucket/x?endpoint=https://s3.example.org/bucket", "must have a host alone"),
        ("s3://bucket/x?region=", "must have a region"),
    ],
)
def test_wrong_addresses_of_buckets_stop_the_start(address: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALLBACK_UPLOAD", address)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"FALLBACK_UPLOAD: {words}")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "given", "missing"),
    [
        ("", "SECRET", "KEY_ID"),
        ("", "KEY_ID", "SECRET"),
        ("s3://bucket/x", "KEY_ID", "SECRET"),
        ("s3://bucket/x", None, "KEY_ID"),
    ],
)
def test_half_a_key_stops_the_start(
    address: str, given: str | None, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FALLBACK_UPLOAD", address)
    if given is not None:
        monkeypatch.setenv(f"FALLBACK_UPLOAD_{given}", "open sesame")
    with pytest.raises(SettingsError, match=f"^FALLBACK_UPLOAD_{missing}: is missing; set it together") as caught:
        load_settings()
    assert "sesame" not in str(caught.value)


def test_without_an_endpoint_the_bucket_is_at_amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    place = parse_bucket("s3://bucket/x.xml?region=eu-south-1")
    assert (place.endpoint, place.secure, place.region) == ("s3.amazonaws.com", True, "eu-south-1")
    monkeypatch.setenv("FALLBACK_UPLOAD", "s3://bucket/x.xml")
    monkeypatch.setenv("FALLBACK_UPLOAD_KEY_ID", KEY_ID)
    monkeypatch.setenv("FALLBACK_UPLOAD_SECRET", SECRET)
    shown = repr(load_settings())
    assert KEY_ID not in shown
    assert SECRET not in shown


@pytest.mark.parametrize("address", ["file://host/x", "file:x", "ftp://host/x", "/folder/x"])
def test_other_addresses_stop_the_start(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALLBACK_UPLOAD", address)
    with pytest.raises(
        SettingsError, match=r"FALLBACK_UPLOAD: must be file:///folder/name.xml, s3://bucket/name.xml, or"
    ):
        load_settings()


SECRETS = {"FALLBACK_UPLOAD_TOKEN": "open sesame"}
KEYS = {"FALLBACK_UPLOAD_KEY_ID": KEY_ID, "FALLBACK_UPLOAD_SECRET": SECRET}


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("http://shelf.example.org/x.xml", SECRETS),
        ("HTTP://shelf.example.org:8080/x.xml", SECRETS),
        ("http://192.0.2.7/x.xml", SECRETS),
        ("http://[2001:db8::1]/x.xml", SECRETS),
        ("http://localhost.example.org/x.xml", SECRETS),
        ("http://127.0.0.1.example.org/x.xml", SECRETS),
        ("http://127.0.0.1@shelf.example.org/x.xml", SECRETS),
        ("http://me:sesame@shelf.example.org/x.xml", {}),
        ("http://sesame@shelf.example.org/x.xml", {}),
        ("s3://bucket/x.xml?endpoint=http://s3.example.org", KEYS),
        ("s3://bucket/x.xml?endpoint=http://10.0.0.7:9000", KEYS),
    ],
)
def test_no_secret_travels_by_http(address: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (given | {"FALLBACK_UPLOAD": address}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(
        SettingsError, match=r"^FALLBACK_UPLOAD: .*; set an (address|endpoint) that begins with"
    ) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    assert not [secret for secret in ("sesame", SECRET, KEY_ID) if secret in str(caught.value)]


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("https://shelf.example.org/x.xml", SECRETS),
        ("http://127.0.0.1:9000/x.xml", SECRETS),
        ("http://localhost:9000/x.xml", SECRETS),
        ("http://[::1]:9000/x.xml", SECRETS),
        ("http://shelf.example.org/x.xml", {}),
        ("s3://bucket/x.xml?endpoint=https://s3.example.org", KEYS),
        ("s3://bucket/x.xml?endpoint=http://127.0.0.1:9000", KEYS),
        ("s3://bucket/x.xml", KEYS),
        ("file:///srv/x.xml", SECRETS),
    ],
)
def test_but_by_https_and_within_this_machine(
    address: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (given | {"FALLBACK_UPLOAD": address}).items():
        monkeypatch.setenv(name, value)
    assert load_settings().fallback_upload == address
