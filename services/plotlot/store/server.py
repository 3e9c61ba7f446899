"""Where Postgres comes from: our own embedded one, or any other by its URL."""

from pathlib import Path
from typing import Protocol

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from plotlot.settings import Settings

# What a URL leaves open: a machine that vanished without a word is noticed in some 10 s, not in hours.
DEFAULTS: dict[str, str | int] = {
    "application_name": "plotlot",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5_000,
}


class PostgresServer(Protocol):
    """Something that can hand out a database."""

    def start(self) -> str:
        """Start it where needed and return a connection string. Raises StoreUnavailable."""

    def stop(self) -> None:
        """Let go of it; another process may still be using it."""


class ExternalPostgres:
    """A Postgres that somebody else runs."""

    def __init__(self, url: str) -> None:
        self._url = url

    def start(self) -> str:
        """The URL as configured, with limits on how long a silent server is waited for."""
        named = conninfo_to_dict(self._url)
        return make_conninfo(
            self._url, **{name: value for name, value in DEFAULTS.items() if name not in named}
        )

    def stop(self) -> None:
        """Nothing to let go of."""


def postgres_server(settings: Settings) -> PostgresServer:
    """The Postgres that the settings ask for."""
    if settings.database_url:
        return ExternalPostgres(settings.database_url.get_secret_value())
    from plotlot.store.embedded import EmbeddedPostgres

    return EmbeddedPostgres(Path(settings.data_dir))
