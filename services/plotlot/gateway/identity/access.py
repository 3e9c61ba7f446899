"""Who may ask, put together: keys, the audit log, and what says who asks."""

from dataclasses import dataclass

from plotlot.gateway.identity.audit import AuditLog
from plotlot.gateway.identity.authentication import Authentication, authentication
from plotlot.gateway.identity.key_store import Keys
from plotlot.settings import Settings
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Access:
    """The parts, each of which the routes and the middleware are handed."""

    authentication: Authentication
    keys: Keys
    audit: AuditLog


def access_of(database: Database, settings: Settings, metrics: Metrics) -> Access:
    """The parts on a database. Raises ServiceUnavailable or InvalidRequest for settings that cannot be."""
    keys = Keys(database)
    return Access(authentication(settings, keys, metrics), keys, AuditLog(database, metrics))
