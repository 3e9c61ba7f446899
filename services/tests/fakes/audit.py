"""A log of deeds that keeps them."""

from plotlot.gateway.identity.audit import Deed


class Log:
    """Notes deeds, and writes none."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []

    def note(self, deed: Deed) -> None:
        """Keeps a deed."""
        self.deeds.append(deed)
