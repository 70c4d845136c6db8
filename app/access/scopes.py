"""What a key may be allowed to do, which type of key may hold it, and who may hand it out."""

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "capacity:write": "report capacity of the organization's own services",
    "service:propose": "propose changes to the organization's own services",
    "officer:read": "search with counts, professional lines and police routes",
    "officer:enrol": "make and revoke officers' devices",
    "capacity:telephone": "record capacity that a provider told by telephone",
    "proposals:review": "approve or refuse proposals",
    "directory:publish": "publish, take down and flag records",
    "import:run": "check and apply imports",
    "keys:admin": "make, rotate and revoke keys",
    "audit:read": "read the audit log",
}

PROVIDER_SCOPES = frozenset({"capacity:write", "service:propose"})
OFFICER_SCOPES = frozenset({"officer:read"})
CURATOR_SCOPES = frozenset(SCOPES) - PROVIDER_SCOPES
HELD_BY: Mapping[str, frozenset[str]] = {
    "provider": PROVIDER_SCOPES,
    "officer": OFFICER_SCOPES,
    "curator": CURATOR_SCOPES,
    "bootstrap": frozenset({"keys:admin"}),
    "device": OFFICER_SCOPES,
    "command_line": frozenset(SCOPES),
}
"""By type of key, or kind of principal. The table `api_key_scope` has the same rule as a CHECK."""


def grantable(kind: str, scopes: frozenset[str]) -> frozenset[str]:
    """The scopes that a principal with these scopes may put into a key that it makes: none above its own.

    Those of providers and officers stand below `keys:admin`: handing them out is what it is for. A bootstrap key comes
    from the host, for one curator's first key.
    """
    if "keys:admin" not in scopes:
        return frozenset()
    if kind == "bootstrap":
        return CURATOR_SCOPES
    return scopes | PROVIDER_SCOPES | OFFICER_SCOPES
