"""How new and how whole what is searched is."""

from plotlot.telemetry.making import Making


class ContentMetrics:
    """Of ingestion; every replica tells the same, so a query takes the greatest."""

    def __init__(self, make: Making) -> None:
        self.towns = make.gauge(
            "towns",
            "Municipalities by the age of the oldest of their current documents: 1d, 7d, 30d, 90d, 365d (at most), older.",
            "age",
        )
        self.town_age_seconds = make.gauge(
            "town_age_seconds", "That age, of the municipalities where it is greatest.", "town"
        )
        self.towns_checked = make.gauge(
            "towns_checked",
            "Towns that are refreshed, by how long ago their publisher last gave a whole code: 1d, 7d, 30d, 90d, 365d (at"
            " most), older, never.",
            "age",
        )
        self.towns_held_back = make.gauge(
            "towns_held_back",
            "Towns whose last refresh was held back, by each kind of what there is to say against it.",
            "kind",
        )
        self.towns_failed = make.gauge("towns_failed", "Towns whose last refresh failed.")
        self.town_unwell_seconds = make.gauge(
            "town_unwell_seconds",
            "For how long no refresh of a town took anything, of the towns where it is longest.",
            "town",
        )
        self.documents = make.gauge("documents", "Documents that answers rest on.")
        self.documents_unindexed = make.gauge(
            "documents_unindexed",
            "Documents with text that a generation which is searched has nothing of.",
            "generation",
        )
        self.documents_ingested = make.counter(
            "documents_ingested",
            "Documents that were taken in, by result: changed, unchanged, refused (what is wrong is in them), failed.",
            "result",
        )
        self.content_looks = make.counter(
            "content_looks",
            "Looks at what is stored, for these figures, by result: done or failed.",
            "result",
        )
