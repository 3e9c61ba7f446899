"""What a request costs of its caller's quota: about as much as it takes of the machine."""

from plotlot.http.requests import PROBES

GET_COST, POST_COST = 1, 2
ANALYSIS = 5
BATCH = 50  # however many rows: they are done as the machine has time
COSTS = {
    "/v1/analyses": ANALYSIS,
    "/v1/analyses:batch": BATCH,
    "/v1/ask": 10,
    "/v1/documents": 20,
    "/v1/parcels": 20,
    "/v1/index/generations": 50,
    "/v1/refreshes": 50,
    "/v1/coverage:discover": 20,
}
PAGES = {"/analyze": ANALYSIS, "/compare/add": ANALYSIS, "/ask": 10}
AGAIN = ("/changes", "/rerun", "/report.pdf")  # of an analysis: another one, or as much work as one
FREE = ("/static", "/docs", "/openapi.json", "/errors", *PROBES)


def cost_of(method: str, path: str) -> int:
    """The cost of a request; 0 where it is not limited: files, health, what asks nothing of the services."""
    if path in PAGES:
        return PAGES[path]
    if path.endswith(AGAIN):
        return ANALYSIS
    if path.startswith(FREE) or method in ("OPTIONS", "HEAD"):
        return 0
    return COSTS.get(path, POST_COST) if method == "POST" else GET_COST
