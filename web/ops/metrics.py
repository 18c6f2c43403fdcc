"""`/metrics` for Prometheus. Labels carry endpoints, statuses and states: never a name or a number.

Requests are counted by the process that served them; everything else is read from the database at each scrape, so it
is the same whichever process answers.
"""

import time
from collections.abc import Iterator, Sequence

from flask import Blueprint, Flask, Response, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from oncall.drills.results import failing_drills
from oncall.models.messages import IncomingOutcome
from oncall.monitoring import metrics as monitoring_metrics
from oncall.monitoring.outage_check import seconds_since_written
from oncall.runtime import Runtime
from oncall.texting.guard import texts_lately
from web.platform.access import open_to_all

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class RequestMeter:
    """Counts and times the requests of this process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter("nightline_requests", "Requests served.", ["endpoint", "status"], registry=registry)
        self._seconds = Histogram(
            "nightline_request_seconds", "Time to serve a request.", ["endpoint"], registry=registry, buckets=_BUCKETS
        )

    def start(self) -> None:
        g.request_started = time.perf_counter()

    def stop(self, response: Response) -> Response:
        endpoint = request.endpoint or "(none)"
        self._requests.labels(endpoint, str(response.status_code)).inc()
        if "request_started" in g:
            self._seconds.labels(endpoint).observe(time.perf_counter() - g.request_started)
        return response


class StateCollector(Collector):
    """Reads the service's state when Prometheus asks."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def describe(self) -> list[Metric]:
        return []  # known at the first scrape; asking here would need the database at start

    def collect(self) -> Iterator[Metric]:
        age = seconds_since_written(self._runtime.settings)
        if age is not None:
            words = "Age of this machine's snapshot for a database that is away."
            yield GaugeMetricFamily("nightline_snapshot_age_seconds", words, age)
        up = GaugeMetricFamily("nightline_database_up", "Whether the database answered this scrape.")
        try:
            now = self._runtime.clock.now()
            with self._runtime.database.transaction() as session:
                session.execute(monitoring_metrics.PATIENCE)
                state = [
                    *_of_work(monitoring_metrics.work(session)),
                    *_of_queues(monitoring_metrics.queues(session, now)),
                    *_of_sends(monitoring_metrics.sends(session)),
                    *_of_totals(monitoring_metrics.totals(session)),
                    _of_drills(failing_drills(session, now)),
                    _of_texts(texts_lately(session, now)),
                ]
        except SQLAlchemyError as error:
            up.add_metric([], int(_too_slow(error)))
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from state


def _too_slow(error: SQLAlchemyError) -> bool:
    """Whether the database was there, and could not count in time."""
    return isinstance(error, DBAPIError) and isinstance(error.orig, QueryCanceled)


def register(app: Flask) -> None:
    """Measure all requests of the application and answer `/metrics`."""
    # Half of the lines otherwise, and nobody asks when a counter began.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    meter = RequestMeter(registry)
    registry.register(StateCollector(app.extensions["runtime"]))
    app.before_request(meter.start)
    app.after_request(meter.stop)

    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    @open_to_all
    def metrics() -> ResponseReturnValue:
        return generate_latest(registry), {"Content-Type": CONTENT_TYPE_LATEST}

    app.register_blueprint(blueprint)


def _of_work(work: monitoring_metrics.Work) -> Iterator[Metric]:
    yield GaugeMetricFamily("nightline_pages_open", "Pages nobody has accepted yet.", work.open_pages)
    yield GaugeMetricFamily(
        "nightline_page_overdue_seconds", "Age of the oldest page step that is due, 0 for none.", work.overdue_seconds
    )
    yield GaugeMetricFamily("nightline_jobs_due", "Background jobs that could run now.", work.jobs_due)
    yield GaugeMetricFamily("nightline_workers", "Workers that reported lately.", work.workers)
    for name, age in (("newest", work.newest_beat), ("oldest", work.oldest_beat)):
        if age is not None:
            yield GaugeMetricFamily(f"nightline_beat_{name}_seconds", f"Age of the {name} beat of a worker.", age)


def _of_queues(queues: Sequence[monitoring_metrics.Queue]) -> Iterator[Metric]:
    labels = ["kind", "priority"]
    length = GaugeMetricFamily("nightline_queue_length", "Calls, texts and mails that wait to be sent.", labels=labels)
    oldest = GaugeMetricFamily(
        "nightline_queue_oldest_seconds", "Age of the oldest that waits to be sent, 0 for none.", labels=labels
    )
    for queue in queues:
        length.add_metric([queue.kind, queue.priority], queue.length)
        oldest.add_metric([queue.kind, queue.priority], queue.oldest_seconds)
    yield from (length, oldest)


def _of_sends(sends: dict[str, monitoring_metrics.Sends]) -> Iterator[Metric]:
    outcomes = GaugeMetricFamily("nightline_sends", "Calls, texts and mails by outcome.", labels=["kind", "outcome"])
    tries = CounterMetricFamily("nightline_send_tries", "Requests to send, repeated ones included.", labels=["kind"])
    for kind, found in sorted(sends.items()):
        for outcome, amount in sorted(found.outcomes.items()):
            outcomes.add_metric([kind, outcome], amount)
        tries.add_metric([kind], found.tries)
    yield from (outcomes, tries)


def _of_drills(failing: int) -> Metric:
    words = "People who come on call and whose phone failed its test."
    return GaugeMetricFamily("nightline_drills_failed", words, failing)


def _of_texts(texts: dict[IncomingOutcome, int]) -> Metric:
    """`wrong` and `own` are wrong codes, `silent` what was not looked at any more."""
    words = "Texts that came in during the last hour, by what came of them."
    family = GaugeMetricFamily("nightline_texts_received", words, labels=["outcome"])
    for outcome, amount in texts.items():
        family.add_metric([outcome.value], amount)
    return family


def _of_totals(totals: monitoring_metrics.Totals) -> Iterator[Metric]:
    yield CounterMetricFamily("nightline_tickets_opened", "Tickets opened.", totals.tickets)
    yield GaugeMetricFamily("nightline_calls_in_progress", "Calls in either direction.", totals.calls_in_progress)
    messages = GaugeMetricFamily("nightline_messages", "Texts and mails by state.", labels=["state"])
    for state, amount in sorted(totals.messages.items()):
        messages.add_metric([state], amount)
    yield messages
