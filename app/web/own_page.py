"""What changes something at a page comes from a page of ours: another site's form would act in somebody else's name."""

from urllib.parse import urlsplit

from fastapi import Request

from app.errors import Forbidden


def require_own_page(request: Request) -> None:
    """Raise Forbidden unless a page of ours sent this request (Fetch Metadata, or else the Origin of RFC 6454)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise Forbidden
        return
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise Forbidden
