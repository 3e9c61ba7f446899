"""Where Postgres comes from: our own embedded one, or any other by its URL."""

from pathlib import Path
from typing import Protocol

from plotlot.settings import Settings


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
        """The URL as configured."""
        return self._url

    def stop(self) -> None:
        """Nothing to let go of."""


def postgres_server(settings: Settings) -> PostgresServer:
    """The Postgres that the settings ask for."""
    if settings.database_url:
        return ExternalPostgres(settings.database_url.get_secret_value())
    from plotlot.store.embedded import EmbeddedPostgres

    return EmbeddedPostgres(Path(settings.data_dir))
