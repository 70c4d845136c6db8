"""Code lists that the database enforces. Their definitions for people are data: `seed_data/vocabulary.yaml`."""

RECORD_STATES = ("draft", "awaiting_approval", "published", "paused", "archived")
SERVICE_STATUSES = ("active", "inactive", "defunct", "temporarily closed")
"""HSDS 3.1 `service.status`."""
REACHES = ("site", "outreach_area", "remote", "national")
AREA_TYPES = ("local_authority", "police_force", "region", "country")
VISIBILITIES = ("public", "professional")

CAPACITY_STATUSES = (
    "accepting", "limited", "assess_first", "waiting_list", "full", "closed_temporarily", "unknown",
)  # fmt: skip
CAPACITY_UNITS = (
    "bed_space",
    "household_unit",
    "caseworker_place",
    "appointment",
    "class_place",
    "call_line",
)
CAPACITY_GROUPS = ("anyone", "women", "men", "families", "children")
CAPACITY_SOURCES = ("key", "page", "telephone", "import")

CALL_OUTCOMES = ("helped", "full", "no_answer", "wrong_number")

PROPOSAL_STATES = ("waiting", "asked", "approved", "refused", "withdrawn")
CALL_BACK_OUTCOMES = ("confirmed", "not_confirmed", "not_reached")

MISTAKES = (
    "closed", "wrong_phone", "wrong_address", "wrong_hours", "wrong_eligibility", "unsafe", "other",
)  # fmt: skip
TAKEDOWN_REASONS = (
    "unsafe", "place_exposed", "wrong_contact", "closed", "asked_by_service", "legal", "other",
)  # fmt: skip

IMPORT_STATES = ("checked", "awaiting_second_person", "applied", "undone", "refused", "failed", "expired")

CHANNELS = ("phone", "sms", "email", "web_form", "walk_in", "via_service")
CONSENTS = ("required", "best_interests_allowed", "not_required_child", "not_applicable")

SEX_ACCEPTED = ("women", "men", "any")
YES_NO_ASK = ("yes", "no", "ask")
FLOW_RECIPIENTS = ("police", "home_office_enforcement", "home_office_nrm", "council", "funder")
FLOW_CONDITIONS = ("always", "with_consent", "safeguarding_only", "never", "unknown")

SCHEDULE_KINDS = ("weekly", "extra", "closed")
BANK_HOLIDAY_RULES = ("open", "closed", "unknown")

ASSURANCE_STATES = ("unverified", "provider_confirmed", "curator_checked")
SOURCE_MARKS = ("confirmed", "second_hand", "general", "unknown", "invented")
CHILD_CARD_ROLES = ("childrens_services", "guardianship")
LINK_TYPES = ("need", "exploitation", "referrer", "stage")
AUDIENCES = ("visitor", "officer", "professional")
