"""The softphone page's own files: named by their content, compressed, kept."""

import re

import pytest
import requests

from simulator.driver import Network

YEAR = "public, max-age=31536000, immutable"


def get(net: Network, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{net.url}{path}", headers={"Accept-Encoding": "identity", **headers}, timeout=5)


def named(net: Network) -> list[str]:
    """The files that the page names, each with its version."""
    page = get(net, "/simulator/")
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["Content-Type"].startswith("text/html")
    return re.findall(r'"(static/[\w.-]+\?v=\w{12})"', page.text)


def test_the_page_names_few_files_and_each_is_kept(net: Network) -> None:
    files = named(net)
    assert [each.partition("?")[0] for each in files] == ["static/moon.svg", "static/page.css", "static/softphone.js"]
    for each in files:
        plain = get(net, f"/simulator/{each}")
        packed = get(net, f"/simulator/{each}", **{"Accept-Encoding": "gzip, br"})
        assert plain.headers["Cache-Control"] == packed.headers["Cache-Control"] == YEAR
        assert plain.content == packed.content  # as unpacked by the client
        assert packed.headers.get("Content-Encoding", "") == "gzip"
        assert plain.headers["Vary"] == "Accept-Encoding"
        assert plain.headers["ETag"] != packed.headers["ETag"]
        again = get(net, f"/simulator/{each}", **{"If-None-Match": plain.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_without_a_version_comes_the_source(net: Network) -> None:
    source = get(net, "/simulator/static/softphone.js")
    assert source.headers["Cache-Control"] == "no-cache"
    assert 'from "./api.js"' in source.text
    assert get(net, "/simulator/static/softphone.js?v=old").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["none.js", "%2e%2e/page.py", "..%2fpage.py", "%2fetc%2fpasswd", ".", "a/b.js"])
def test_nothing_else_is_there(net: Network, name: str) -> None:
    assert get(net, f"/simulator/static/{name}").status_code == 404
