"""What Prometheus says of alerts."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from plotlot.domain.errors import InvalidRequest, ServiceUnavailable

SERVICE = "monitoring/prometheus:9090"


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts of one namespace, at a Prometheus's URL."""

    client: httpx.AsyncClient
    url: str
    namespace: str

    async def firing(self, alert: str) -> bool:
        """Whether it fires now. Raises ServiceUnavailable."""
        found = await self._asked("/api/v1/alerts")
        return any(
            each["labels"].get("alertname") == alert
            and each["labels"].get("namespace", self.namespace) == self.namespace
            and each["state"] == "firing"
            for each in found["alerts"]
        )

    async def known(self, alert: str) -> bool:
        """Whether a rule for it is loaded that looks at the namespace. Raises ServiceUnavailable."""
        groups = (await self._asked("/api/v1/rules?type=alert"))["groups"]
        rules = [rule for group in groups for rule in group["rules"] if rule["name"] == alert]
        return any(json.dumps(self.namespace)[1:-1] in rule["query"] for rule in rules)

    async def _asked(self, path: str) -> Any:
        try:
            answer = await self.client.get(self.url + path)
            answer.raise_for_status()
            return answer.json()["data"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise ServiceUnavailable(
                f"no Prometheus answers at {self.url}: {error or type(error).__name__}"
            ) from error


def prometheus_url(where: str, api_server: str) -> str:
    """The URL of a Prometheus: as it is given, or through the API server for NAMESPACE/SERVICE:PORT."""
    if where.startswith(("http://", "https://")):
        return where.rstrip("/")
    namespace, _, service = where.partition("/")
    if not service:
        raise InvalidRequest(
            f"{where!r} is no Prometheus: give a URL, or NAMESPACE/SERVICE:PORT as in {SERVICE}"
        )
    return f"{api_server}/api/v1/namespaces/{namespace}/services/{service}/proxy"
