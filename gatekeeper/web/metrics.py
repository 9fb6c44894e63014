"""What Prometheus scrapes: deliveries as this service's processes counted them, work as the records have it.

Counters are kept in files below the folder that PROMETHEUS_MULTIPROC_DIR names, so that every process adds to the
same; it must be set before the first of them is made. Without it they are this process's own.
"""

import hmac
import ipaddress
import os
from collections.abc import Callable, Iterator

import flask
import prometheus_client
from prometheus_client import exposition, multiprocess, registry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from gatekeeper import errors
from gatekeeper.store import census

Take = Callable[[], census.Census]

# seconds: GitHub gives up on a delivery after 10
_ANSWERED = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_CALLED = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class Counted:
    """The counters; one of each in a process."""

    def __init__(self, kept: prometheus_client.CollectorRegistry) -> None:
        """Register the counters in `kept`."""
        self.kept = kept
        self._deliveries = prometheus_client.Counter(
            "gatekeeper_deliveries", "Deliveries by event and the status that was answered", ["event", "answer"],
            registry=kept,
        )  # fmt: skip
        self._answered = prometheus_client.Histogram(
            "gatekeeper_delivery_seconds", "Seconds until a delivery was answered", buckets=_ANSWERED, registry=kept
        )
        self._calls = prometheus_client.Histogram(
            "gatekeeper_github_seconds", "Seconds that requests to GitHub took, by operation and status",
            ["operation", "status"], buckets=_CALLED, registry=kept,
        )  # fmt: skip

    def delivery(self, event: str, status: int, seconds: float) -> None:
        """Count a delivery; `event` must be one of few."""
        self._deliveries.labels(event, str(status)).inc()
        self._answered.observe(seconds)

    def call(self, operation: str, seconds: float, status: int) -> None:
        """Count a request to GitHub; `status` is 0 where there was no answer."""
        self._calls.labels(operation, str(status)).observe(seconds)


class _Work(registry.Collector):
    """Gauges that are computed when they are asked for."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def collect(self) -> Iterator[Metric]:
        reachable = GaugeMetricFamily("gatekeeper_records_reachable", "Whether the records could be read")
        try:
            taken = self._take()
        except errors.StoreError:
            reachable.add_metric([], 0)
            yield reachable
            return
        reachable.add_metric([], 1)
        yield reachable
        reviews = GaugeMetricFamily("gatekeeper_reviews", "Reviews by state", labels=["state"])
        for state, number in taken.evaluations.items():
            reviews.add_metric([state.value], number)
        yield reviews
        yield GaugeMetricFamily(
            "gatekeeper_oldest_queued_seconds", "Age of the review that waits longest", value=taken.oldest_queued
        )
        yield GaugeMetricFamily("gatekeeper_workers", "Workers heard of within a minute", value=taken.workers)


def blueprint(counted: Counted, take: Take, *, token: str | None) -> flask.Blueprint:
    """Return what answers `GET /metrics`: to who gives `token` as bearer, without one to near addresses alone."""
    made = flask.Blueprint("metrics", __name__)

    @made.get("/metrics")
    def scrape() -> flask.Response:
        if token is not None:
            if not hmac.compare_digest(flask.request.headers.get("Authorization", "").encode(), _bearer(token)):
                flask.abort(401, "Metrics need the token that GATEKEEPER_METRICS_TOKEN says, as a bearer.")
        elif not _is_near(flask.request):
            flask.abort(403, "Metrics are shown to private addresses alone: set GATEKEEPER_METRICS_TOKEN.")
        shown = prometheus_client.CollectorRegistry()
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            multiprocess.MultiProcessCollector(shown)  # type: ignore[no-untyped-call] # the library's is untyped
        else:
            shown.register(counted.kept)
        shown.register(_Work(take))
        return flask.Response(exposition.generate_latest(shown), content_type=exposition.CONTENT_TYPE_PLAIN_1_0_0)

    return made


def _bearer(token: str) -> bytes:
    return f"Bearer {token}".encode()


def _is_near(request: flask.Request) -> bool:
    """Whether the request comes from a private address, and not through a proxy that is not to be believed."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    believed = "werkzeug.proxy_fix.orig" in request.environ
    return address.is_private and (believed or not any(name in request.headers for name in _FORWARDED))
