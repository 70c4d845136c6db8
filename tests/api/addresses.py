"""The public addresses of the service, with real ids in them, for tests that try every one."""

from tests.api.served import Client

EXPORTS = [
    "/v1/exports/services.csv", "/v1/exports/organizations.csv", "/v1/exports/coverage.geojson",
    "/v1/exports/locations.geojson",
]  # fmt: skip
OGC_COLLECTIONS = ("services_coverage", "service_locations", "areas")
OGC = [
    "/ogc", "/ogc/api", "/ogc/conformance", "/ogc/collections",
    *(f"/ogc/collections/{one}{rest}" for one in OGC_COLLECTIONS for rest in ("", "/items")),
    "/ogc/collections/areas/items/E08000028",
]  # fmt: skip
"""Here alone wrong parameters are 400, as the standard asks, and a slash at the end is no other address."""
FIXED = [
    "/v1/services", "/v1/organizations", "/v1/areas", "/v1/areas/E08000028", "/v1/areas/E23000014", "/v1/vocabulary",
    "/v1/guidance", "/v1/changes", "/v1/snapshot", "/widget", "/widget/v1.js", "/widget/v1/messages/en", "/demo",
    "/health/live", "/health/ready", "/openapi.json", "/docs", "/redoc",
    "/problems/validation", "/find", "/", "/static/pages.css", "/static/exit.js", "/static/ageing.js", "/static/once.js",
    "/static/left.js", "/find/know", "/find/safety", "/find/privacy", "/find/accessibility", "/docs/assets/swagger/swagger-ui.css",
    "/oruk/", "/oruk/services", "/oruk/service_at_locations", "/oruk/organizations", "/oruk/taxonomies",
    "/oruk/taxonomy_terms", "/oruk/openapi.json", *EXPORTS, *OGC,
]  # fmt: skip
POSTED = {
    "/v1/services/search": {"postcode": "B69 3DE"},
    "/v1/place": {"postcode": "B69 3DE"},
    "/oruk/services": {"search": "law"},
    "/oruk/service_at_locations": {"postcode": "B69 3DE"},
}
MISTAKES_OF = "/v1/services/{service_id}/mistakes"
"""What anybody may write to: tried in `test_mistakes`, over a database of its own."""
OF_A_SERVICE = ["", "/referral-routes", "/coverage", "/capacity"]


def service_ids(client: Client) -> list[str]:
    """Every public service, confidential ones included, page by page."""
    found: list[str] = []
    cursor = None
    while True:
        page = client.get(
            "/v1/services", params={"limit": 50} | ({"cursor": cursor} if cursor else {})
        ).json()
        found.extend(one["id"] for one in page["results"])
        cursor = page["next"]
        if cursor is None:
            return found


def confidential_id(client: Client) -> str:
    services = client.get("/v1/services", params={"need": "safe_house", "limit": 50}).json()["results"]
    return next(str(one["id"]) for one in services if one["confidential"])


def readable(client: Client) -> list[str]:
    """One address of every kind that GET answers with 200."""
    organization = client.get("/v1/organizations", params={"limit": 1}).json()["results"][0]["id"]
    ids = (service_ids(client)[0], confidential_id(client))
    of_feed = {
        name: client.get(f"/oruk/{name}", params={"per_page": 1}).json()["contents"][0]["id"]
        for name in ("service_at_locations", "taxonomies", "taxonomy_terms")
    }
    return [
        *FIXED,
        f"/oruk/organizations/{organization}",
        *(f"/oruk/services/{one}" for one in ids),
        *(f"/oruk/{name}/{one}" for name, one in of_feed.items()),
        f"/v1/organizations/{organization}",
        *(f"/v1/services/{one}{rest}" for one in ids for rest in OF_A_SERVICE),
    ]
