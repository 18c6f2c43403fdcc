"""Where an uploaded document can lie: a file, a server that takes HTTP PUT, an S3-compatible bucket."""

import re
import ssl
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import ParseError

import certifi
import requests
import urllib3

from core.buckets import BucketAddress, parse_bucket
from core.settings import Settings
from oncall.outage.files import write_whole

_TYPE: Final = "text/xml; charset=utf-8"
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_BUCKET_ERRORS: Final = {
    "NoSuchBucket": "{host} has no bucket {bucket}",
    "InvalidAccessKeyId": "{host} does not know the key in FALLBACK_UPLOAD_KEY_ID",
    "SignatureDoesNotMatch": "{host} says that FALLBACK_UPLOAD_SECRET does not belong to FALLBACK_UPLOAD_KEY_ID",
    "AccessDenied": "{host} does not let this key write to bucket {bucket}",
    "PermanentRedirect": "{host} has bucket {bucket} in another region than {region}",
    "AuthorizationHeaderMalformed": "{host} has bucket {bucket} in another region than {region}",
    "RequestTimeTooSkewed": "{host} and this machine differ about the time",
}


class UploadError(Exception):
    """The document could not be put in its place; says why."""


def put(settings: Settings, document: str) -> None:
    """Put the document where FALLBACK_UPLOAD says. Raises UploadError."""
    address = settings.fallback_upload or ""
    scheme = urlsplit(address).scheme
    if scheme == "file":
        _put_file(Path(unquote(urlsplit(address).path)), document)
    elif scheme == "s3":
        _put_bucket(settings, parse_bucket(address), document)
    else:
        _put_http(settings, address, document)


def _put_file(place: Path, document: str) -> None:
    try:
        write_whole(place, document.encode(), mode=0o644)
    except OSError as error:
        raise UploadError(f"{place}: {error.strerror or error}") from error


def _put_http(settings: Settings, address: str, document: str) -> None:
    host = urlsplit(address).hostname
    headers = {"Content-Type": _TYPE}
    if settings.fallback_upload_token:
        headers["Authorization"] = f"Bearer {settings.fallback_upload_token}"
    try:
        answer = requests.put(
            address,
            data=document.encode(),
            headers=headers,
            timeout=settings.provider_timeout,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise UploadError(f"{host} does not answer ({type(error).__name__})") from error
    if not 200 <= answer.status_code < 300:
        raise UploadError(f"{host} answers with HTTP status {answer.status_code}")


def _put_bucket(settings: Settings, place: BucketAddress, document: str) -> None:
    # At first use: half a second, and only who uploads to a bucket needs it.
    from minio import Minio  # only where a bucket is set
    from minio.error import MinioException  # the same

    # The library's own client would try six times, for up to five minutes each; ours comes again by itself.
    http = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=settings.provider_timeout, read=settings.provider_timeout),
        retries=False,
        # With SSL_CERT_FILE, storage may have a certificate authority of its own.
        ca_certs=ssl.get_default_verify_paths().cafile or certifi.where(),
    )
    try:
        client = Minio(
            place.endpoint,
            access_key=settings.fallback_upload_key_id,
            secret_key=settings.fallback_upload_secret,
            secure=place.secure,
            region=place.region,
            http_client=http,
        )
        client.put_object(
            place.bucket,
            place.key,
            BytesIO(document.encode()),
            len(document.encode()),
            content_type=_TYPE,
            metadata={"Cache-Control": "no-cache"},
        )
    except MinioException as error:
        raise UploadError(_sentence(place, error)) from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise UploadError(f"{place.host} does not answer ({type(error).__name__})") from error
    except (ParseError, ValueError) as error:
        raise UploadError(f"{place.host} is not a server of buckets ({type(error).__name__})") from error


def _sentence(place: BucketAddress, error: Exception) -> str:
    """The library's error in our words; its own repeat what the server wrote, which may have keys in it."""
    code = getattr(error, "code", None)
    if code in _BUCKET_ERRORS:
        return _BUCKET_ERRORS[code].format(host=place.host, bucket=place.bucket, region=place.region)
    if code is not None:
        plain = re.sub(r"\W", "", str(code))[:60]
        return f"{place.host} answers with the error {plain}"
    status = re.search(r"code:? (\d{3})\b", str(error))
    return f"{place.host} answers with HTTP status {status[1] if status else 'unknown'}"
