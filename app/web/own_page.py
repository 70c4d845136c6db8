"""What changes something at a page comes from a page of ours: another site's form would act in somebody else's name."""

from urllib.parse import urlsplit

from fastapi import Request

from app.errors import Forbidden


def require_own_page(request: Request) -> None:
    """Raise Forbidden unless a page of ours sent this request (Fetch Metadata, or else the Origin of RFC 6454).

    The pages with such forms have the referrer policy `same-origin`: with `no-referrer` a browser says "null" for its Origin,
    and one that is too old for Fetch Metadata (an iPhone that ends at iOS 15) could neither sign in nor be enrolled.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise Forbidden
        return
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise Forbidden
