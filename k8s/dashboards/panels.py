"""What a panel is, and the queries that panels share."""

from dataclasses import dataclass

OF = 'namespace="$namespace"'
HTTP = f'{OF}, route!~"/healthz|/readyz|/metrics"'


@dataclass(frozen=True)
class Panel:
    """A title that says what is read from it, a unit of Grafana's, and queries with their legends."""

    title: str
    unit: str
    queries: dict[str, str]
    about: str = ""


def rate(metric: str, by: str, matching: str = OF) -> str:
    """Events a second."""
    return f"sum by ({by}) (rate({metric}{{{matching}}}[$__rate_interval]))"


def quantile(share: float, metric: str, by: str = "", matching: str = OF) -> str:
    """A percentile of a histogram."""
    grouped = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({grouped}) (rate({metric}_bucket{{{matching}}}[$__rate_interval])))"


def percentiles(metric: str, matching: str = OF) -> dict[str, str]:
    """The usual three."""
    return {
        f"p{round(share * 100)}": quantile(share, metric, matching=matching) for share in (0.5, 0.95, 0.99)
    }


def share(part: str, whole: str) -> str:
    """One rate of another, where there is one; what never happened is no series, and 0 of them."""
    return f"(sum(rate({part}[$__rate_interval])) or vector(0)) / (sum(rate({whole}[$__rate_interval])) > 0)"


def of(metric: str, by: str, matching: str = OF) -> str:
    """A gauge that every replica tells alike: the greatest."""
    return f"max by ({by}) ({metric}{{{matching}}})"


def added(metric: str, by: str, matching: str = OF) -> str:
    """A gauge of which every replica has its own part."""
    return f"sum by ({by}) ({metric}{{{matching}}})"


def each(cost: str, answers: str) -> str:
    """What one answer takes, over a quarter of an hour."""
    return f"(sum(rate({cost}[15m])) or vector(0)) / (sum(rate({answers}[15m])) > 0)"
