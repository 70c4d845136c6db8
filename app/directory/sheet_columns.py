"""The columns of the sheet in which people keep and exchange records: one list for template, import and export.

The main sheet has a row for each service, with its organization's columns repeated. What a record has several of (phones,
ways to refer, sources …) stands in numbered columns of the main sheet (`phone_1`, `phone_1_description`, `phone_2` …) or
in a sheet of its own, a row for each. Names are those of a CSV header; a workbook shows `shown(name)`.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "phone", "email", "url", "date", "whole_number", "yes_no", "yes_no_ask", "code", "codes", "area", "covers",
    "districts", "languages", "hours", "duration", "key", "id", "ages", "geojson",
]  # fmt: skip

MAIN_SHEET = "Services"
MOST_NUMBERED = 20
"""Numbered columns go up to this; a service with more phones or ways to refer has them in their own sheet."""


@dataclass(frozen=True, slots=True)
class Column:
    """`pointer` is the field in the record (or in the part, for columns of a part). `words` names the list of words that
    may stand here: a taxonomy of the vocabulary or one of CHOICES. `other_names` are headers that people write instead.
    """

    name: str
    pointer: str
    kind: Kind
    meaning: str
    words: str | None = None
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Something of which a record has several. `columns[0]` bears the part's own name; the others are suffixes to it."""

    name: str
    sheet: str
    owner: Literal["organization", "service"]
    pointer: str
    columns: tuple[Column, ...]

    def column_name(self, number: int, column: Column) -> str:
        """The name of a column of the main sheet: `phone_1` or `phone_1_description`."""
        own = f"{self.name}_{number}"
        return own if column is self.columns[0] else f"{own}_{column.name}"


CHOICES: dict[str, dict[str, str]] = {
    "phone_type": {"voice": "Voice", "sms": "SMS", "text": "Text", "whatsapp": "WhatsApp"},
    "visibility": {"public": "Public", "professional": "Professionals only"},
    "child_card_role": {"childrens_services": "Children's services", "guardianship": "Guardianship"},
    "person_age": {"adult": "Adults", "child": "Children"},
}
"""Words that are not in the vocabulary, by code."""

ORGANIZATION_COLUMNS = (
    Column("organization", "/name", "text", "What the organization is called, written the same way in every row.",
           other_names=("org", "organisation", "organization name", "organisation name", "provider", "charity", "agency", "name of organisation", "name of organization")),
    Column("organization_id", "", "id", "The id that the directory gave the organization. Leave it empty for a new one."),
    Column("organization_key", "/key", "key", "A name for programs, in small letters, digits and hyphens. Made from the organization's name when empty.",
           other_names=("organisation key", "org key")),
    Column("organization_description", "/description", "text", "What the organization does, in a few sentences.",
           other_names=("about the organisation", "about the organization", "organisation description", "org description")),
    Column("organization_website", "/website", "url", "The organization's own page, beginning with https://.",
           other_names=("organisation website", "org website", "website of organisation")),
    Column("organization_email", "/email", "email", "A shared mailbox of the organization, never a person's.",
           other_names=("organisation email", "org email", "organisation e-mail")),
)  # fmt: skip

SERVICE_COLUMNS = (
    Column("service", "/name", "text", "What the service is called. One row for each thing that can be referred to on its own.",
           other_names=("service name", "name of service", "project", "programme")),
    Column("id", "", "id", "The id that the directory gave the service. Leave it empty for a new one.",
           other_names=("service id", "uuid", "directory id")),
    Column("key", "/key", "key", "A name for programs. Made from both names when empty; keep it when you change a name.",
           other_names=("service key",)),
    Column("description", "/description", "text", "What the service does, for whom, and what it does not do.",
           other_names=("what it does", "service description", "about", "about the service", "summary", "details")),
    Column("needs", "/needs", "codes", "What a person needs that the service offers; several with ; between.", words="need",
           other_names=("need", "type of support", "support offered", "support type", "help with", "service type", "categories", "category")),
    Column("exploitation", "/exploitation", "codes", "Forms of exploitation the service works with, if it works with some only.", words="exploitation",
           other_names=("type of exploitation", "exploitation type", "forms of exploitation")),
    Column("reach", "/reach", "code", "How the service meets people.", words="reach",
           other_names=("how it meets people", "delivery", "how delivered", "where help happens")),
    Column("covers", "/coverage", "covers", "Areas the service covers, by name or GSS code, several with ; between; or the word everywhere.",
           other_names=("areas covered", "area covered", "coverage", "area", "areas", "covered area", "geographical area", "borough", "boroughs", "local authority", "local authorities")),
    Column("postcode_districts", "/coverage/postcode_districts", "districts", "First halves of postcodes covered, such as B29; WS1. Only where whole areas do not fit.",
           other_names=("districts covered", "postcode areas covered", "postcodes covered")),
    Column("confidential", "/confidential", "yes_no", "Yes for a refuge or safe house: nothing that would locate it is kept.",
           other_names=("is confidential", "secret address", "confidential address")),
    Column("host_area", "/host_area", "area", "For a confidential service: the police force area, region or country it is in.",
           other_names=("area it is in",)),
    Column("narrow_coverage_consent_on", "/narrow_coverage_consent_on", "date", "When a confidential service agreed to be shown as covering less than its host area."),
    Column("status", "/status", "code", "Whether the service runs.", words="service_status", other_names=("service status", "running")),
    Column("website", "/url", "url", "The service's own page, beginning with https://.",
           other_names=("url", "web", "web page", "webpage", "web site", "web address", "link", "service website")),
    Column("email", "/email", "email", "A shared mailbox of the service, never a person's.",
           other_names=("e mail", "e-mail address", "email address", "mail")),
    Column("opening_hours", "/hours", "hours", "When somebody answers: Mon-Fri 9am-5pm; Sat 10:00-13:00; closed on bank holidays. Or 24/7.",
           other_names=("hours", "opening times", "open", "times", "hours of operation", "availability", "open hours", "when open")),
    Column("sex_accepted", "/eligibility/sex_accepted", "code", "Whom the service accepts, by sex.", words="sex_accepted",
           other_names=("sex", "gender", "who can come", "women or men", "genders accepted", "gender accepted")),
    Column("trans_inclusive", "/eligibility/trans_inclusive", "yes_no_ask", "Whether trans people are accepted.", other_names=("trans", "trans people")),
    Column("ages", "/eligibility", "ages", "Ages accepted: 18+, 16-25, under 18, all ages. Instead of the two columns beside it.",
           other_names=("age", "age range", "age group", "ages accepted")),
    Column("minimum_age", "/eligibility/minimum_age", "whole_number", "Youngest age accepted, in years.", other_names=("min age", "age from", "from age", "youngest")),
    Column("maximum_age", "/eligibility/maximum_age", "whole_number", "Oldest age accepted, in years.", other_names=("max age", "age to", "to age", "oldest")),
    Column("with_children", "/eligibility/with_children", "yes_no_ask", "Whether people with children are accepted.", other_names=("children", "children accepted", "takes children")),
    Column("no_recourse_to_public_funds", "/eligibility/no_recourse_to_public_funds", "yes_no_ask", "Whether people without recourse to public funds are accepted.",
           other_names=("nrpf", "nrpf accepted", "accepts nrpf", "no recourse")),
    Column("couples", "/eligibility/couples", "yes_no_ask", "Whether couples are accepted."),
    Column("pets", "/eligibility/pets", "yes_no_ask", "Whether pets are accepted.", other_names=("animals",)),
    Column("step_free", "/eligibility/step_free", "yes_no_ask", "Whether there is a way in without steps.",
           other_names=("wheelchair", "wheelchair access", "step free access", "disabled access", "accessible")),
    Column("eligibility_notes", "/eligibility/description", "text", "Anything else about whom the service accepts.",
           other_names=("eligibility", "who it is for", "criteria", "eligibility criteria", "who can use it")),
    Column("languages", "/languages", "languages", "Languages spoken, by name or ISO 639-3 code; several with ; between.",
           other_names=("language", "languages spoken")),
    Column("interpreter", "/interpreter", "yes_no_ask", "Whether the service arranges interpreters.", other_names=("interpreters", "interpreting")),
    Column("tells_police", "/information_flow/police", "code", "When the service tells the police about a person.", words="information_condition"),
    Column("tells_immigration_enforcement", "/information_flow/home_office_enforcement", "code", "When it tells immigration enforcement.", words="information_condition"),
    Column("tells_nrm", "/information_flow/home_office_nrm", "code", "When it tells the National Referral Mechanism.", words="information_condition"),
    Column("tells_council", "/information_flow/council", "code", "When it tells the council.", words="information_condition"),
    Column("tells_funder", "/information_flow/funder", "code", "When it tells whoever pays for the service.", words="information_condition"),
    Column("anonymous_contact", "/anonymous_contact", "yes_no", "Whether somebody can ask without giving a name.", other_names=("anonymous",)),
    Column("privacy_page", "/privacy_url", "url", "The page that says what happens to information.", other_names=("privacy", "privacy notice", "privacy policy")),
    Column("how_to_apply", "/application_process", "text", "What happens after a referral or a call.",
           other_names=("application process", "referral process", "how to refer", "how to access")),
    Column("fees", "/fees_description", "text", "What it costs, if it costs anything.", other_names=("cost", "costs", "price", "charges")),
    Column("child_card_role", "/child_card_role", "code", "For the card shown for children only: which part the service has in it.", words="child_card_role"),
    Column("counts_public", "/counts_public", "yes_no", "Whether the numbers of free places may be shown to everybody."),
)  # fmt: skip

_PHONE_COLUMNS = (
    Column("phone", "/number", "phone", "A telephone number with its area code. Format the column as text.",
           other_names=("tel", "telephone", "telephone number", "phone number", "tel no", "tel number", "contact number", "helpline", "helpline number")),
    Column("type", "/phone_type", "code", "Whether it is rung or written to.", words="phone_type"),
    Column("description", "/description", "text", "What the number is for, or when it is answered."),
    Column("public_office", "/is_public_office", "yes_no", "Yes where the number is of an office that everybody may know."),
    Column("visibility", "/visibility", "code", "Who may see it.", words="visibility"),
)  # fmt: skip

_SOURCE_COLUMNS = (
    Column("source", "/source", "text", "Where this was read or who said it.", other_names=("source of information", "evidence")),
    Column("fact", "/fact", "key", "Which fact the source is for (phones, hours, coverage …). Empty means the whole record."),
    Column("url", "/source_url", "url", "The page it was read on."),
    Column("mark", "/mark", "code", "How good the source is.", words="source_mark"),
    Column("state", "/state", "code", "Who has checked it.", words="assurance_state"),
    Column("confirmed_on", "/confirmed_on", "date", "The day on which it was read or confirmed.", other_names=("checked on", "date checked", "last checked")),
    Column("review_by", "/review_by", "date", "The day by which it has to be checked again, within a year.", other_names=("review date", "check again by")),
)  # fmt: skip

PARTS = (
    Part("organization_phone", "Organization phones", "organization", "/phones", _PHONE_COLUMNS),
    Part("identifier", "Identifiers", "organization", "/identifiers", (
        Column("identifier", "/identifier", "text", "A registration number. Format the column as text."),
        Column("scheme", "/identifier_scheme", "text", "Whose register it is: GB-CHC for the Charity Commission, GB-COH for Companies House."),
        Column("type", "/identifier_type", "text", "The register in words."),
        Column("public_office", "/is_public_office", "yes_no", "Yes where the register's address is an office that everybody may know."),
    )),
    Part("organization_source", "Organization sources", "organization", "/assurance", _SOURCE_COLUMNS),
    Part("phone", "Phones", "service", "/phones", _PHONE_COLUMNS),
    Part("contact", "Contacts", "service", "/contacts", (
        Column("contact", "/role", "text", "The role of whoever answers, never a person's name.", other_names=("role", "contact role")),
        Column("email", "/email", "email", "The role's shared mailbox.", other_names=("e mail",)),
        Column("visibility", "/visibility", "code", "Who may see it.", words="visibility"),
    )),
    Part("location", "Locations", "service", "/locations", (
        Column("location", "/name", "text", "What the place is called. Never for a confidential service.", other_names=("venue", "place", "building", "location name")),
        Column("key", "/key", "key", "A name for programs. Made from the place's name when empty."),
        Column("address", "/address_1", "text", "Building, street.", other_names=("street", "street address")),
        Column("city", "/city", "text", "Town or city.", other_names=("town",)),
        Column("postcode", "/postal_code", "text", "The whole postcode.", other_names=("post code", "postal code")),
        Column("public_office", "/is_public_office", "yes_no", "Yes where it is an office that everybody may know."),
    )),
    Part("route", "Referral routes", "service", "/routes", (
        Column("route", "/name", "text", "What this way into the service is called.", other_names=("referral route", "way in")),
        Column("key", "/key", "key", "A name for programs. Made from the route's name when empty."),
        Column("channel", "/channel", "code", "How the referral is made.", words="channel", other_names=("referral channel",)),
        Column("phone", "/phone", "phone", "The number to ring or write to.", other_names=("referral phone", "referral number", "tel")),
        Column("phone_public_office", "/phone_is_public_office", "yes_no", "Yes where the number is of an office that everybody may know."),
        Column("email", "/email", "email", "The mailbox for referrals.", other_names=("referral email", "e mail")),
        Column("form", "/form_url", "url", "The page with the form.", other_names=("referral form", "form url")),
        Column("via_service", "/via_service", "key", "The key of the service through which the referral goes."),
        Column("referrers", "/referrers", "codes", "Who may use this way.", words="referrer", other_names=("who can refer", "referral from")),
        Column("stages", "/stages", "codes", "At which stages of the NRM.", words="stage"),
        Column("consent", "/consent", "code", "What agreement of the person is needed.", words="consent"),
        Column("age_group", "/age_group", "code", "For adults or for children, if for one only.", words="person_age"),
        Column("response_time", "/response_time", "duration", "How fast the answer comes: now, 2 hours, 3 days."),
        Column("information_needed", "/information_needed", "text", "What the person who refers will be asked."),
        Column("notes", "/notes", "text", "Anything else."),
        Column("hours", "/hours", "hours", "When this way is open, written as opening hours."),
        Column("visibility", "/visibility", "code", "Who may see it.", words="visibility"),
    )),
    Part("source", "Sources", "service", "/assurance", _SOURCE_COLUMNS),
    Part("polygon", "Polygons", "service", "/coverage/polygons", (
        Column("polygon", "", "geojson", "A GeoJSON Polygon or MultiPolygon that the service covers, for programs."),
    )),
)  # fmt: skip

PART_OF = {part.name: part for part in PARTS}
PART_OF_SHEET = {part.sheet: part for part in PARTS}

SERVICE_OF_PART = Column("service", "/name", "text", "The service's name or key, as on the main sheet.")
ORGANIZATION_OF_PART = Column(
    "organization", "/name", "text", "The organization's name or key, as on the main sheet."
)


def flat_columns() -> tuple[Column, ...]:
    """The columns of the main sheet that are there once, in their order."""
    return (*ORGANIZATION_COLUMNS, *SERVICE_COLUMNS)


def shown(name: str) -> str:
    """A column's name as the header of a workbook: `phone_1_description` is "Phone 1 description"."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
