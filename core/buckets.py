"""Addresses of objects in S3-compatible buckets: s3://bucket/folder/name.xml?endpoint=https://...&region=..."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

_AMAZON: Final = "https://s3.amazonaws.com"
# Amazon's first region; what other makers' servers go by as a rule, unless they are told of one.
_REGION: Final = "us-east-1"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME: Final = re.compile(r"(?![\d.]+$)(?!.*(\.\.|\.-|-\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class BucketAddress:
    """`endpoint`: host, and port if there is one, of the server that has the bucket; `secure`: by https."""

    bucket: str
    key: str
    endpoint: str
    secure: bool
    region: str

    @property
    def host(self) -> str:
        """The endpoint without its port."""
        return urlsplit(f"//{self.endpoint}").hostname or self.endpoint


def parse_bucket(text: str) -> BucketAddress:
    """Take an s3:// address apart. Raises ValueError with a sentence."""
    parts = urlsplit(text)
    key = unquote(parts.path.removeprefix("/"))
    if parts.scheme != "s3" or not _BUCKET_NAME.fullmatch(parts.netloc) or parts.fragment:
        raise ValueError("must be s3://bucket/name.xml, with the name of a bucket")
    if not {"", ".", ".."}.isdisjoint(key.split("/")):
        raise ValueError("must name a file in the bucket, such as s3://bucket/name.xml")
    query = parse_qs(parts.query, keep_blank_values=True)
    if not set(query) <= {"endpoint", "region"} or any(len(values) > 1 for values in query.values()):
        raise ValueError("takes endpoint and region after the question mark, once each, and nothing else")
    [endpoint], [region] = query.get("endpoint", [_AMAZON]), query.get("region", [_REGION])
    server = urlsplit(endpoint)
    if server.scheme not in {"http", "https"} or not re.fullmatch(
        r"[A-Za-z0-9.-]+(:\d{1,4}|:[1-5]\d{4})?", server.netloc
    ):
        raise ValueError("must have an http(s) address as endpoint, such as https://s3.example.org")
    if server.path.strip("/") or server.query or server.fragment:
        raise ValueError("must have a host alone as endpoint, such as https://s3.example.org")
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", region):
        raise ValueError("must have a region such as eu-south-1")
    return BucketAddress(parts.netloc, key, server.netloc, server.scheme == "https", region)
