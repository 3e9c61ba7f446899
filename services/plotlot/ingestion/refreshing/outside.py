"""The client that asks publishers: their hosts and those that the settings allow, and documents as large as may be."""

from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules, entries_in
from plotlot.ingestion.publishers.configuration import Publishers
from plotlot.settings import Settings
from plotlot.telemetry import Metrics


def egress_client(publishers: Publishers, settings: Settings, metrics: Metrics) -> EgressClient:
    """A client held to the rules; close it."""
    rules = EgressRules(
        hosts=entries_in(settings.egress_hosts) | publishers.hosts,
        own=entries_in(settings.egress_own_hosts),
        agreed=entries_in(settings.egress_agreed_hosts),
    )
    limits = Limits(
        seconds=3 * settings.egress_timeout_seconds,
        seconds_in_all=12 * settings.egress_timeout_seconds,
        most_bytes=settings.max_document_bytes,
        per_second=settings.publisher_requests_per_second,
    )
    return EgressClient(rules, metrics, limits)
