"""How a referral is made: by whom, at which stage, through which channel, with what consent, how fast."""

from uuid import UUID

from sqlmodel import Field

from app.models.base import Identified, begins_like_a_landline, belongs_to_service, check, one_of
from app.models.codes import CHANNELS, CONSENTS, VISIBILITIES


class ReferralRoute(Identified, table=True):
    """One way into a service. Its referrers and stages are taxonomy links (`Attribute`); none means not known."""

    __tablename__ = "referral_route"
    __table_args__ = (
        belongs_to_service(),
        one_of("channel", CHANNELS),
        one_of("consent", CONSENTS),
        one_of("visibility", VISIBILITIES),
        one_of("age_group", ("adult", "child")),
        check("via_service_named", "(channel = 'via_service') = (via_service_id IS NOT NULL)"),
        check("phone_has_number", "channel NOT IN ('phone', 'sms') OR phone_e164 IS NOT NULL"),
        check("email_has_address", "channel <> 'email' OR email IS NOT NULL"),
        check("form_has_url", "channel <> 'web_form' OR form_url IS NOT NULL"),
        check("confidential_not_walked_into", "NOT (service_confidential AND channel = 'walk_in')"),
        check(
            "confidential_not_geographic",
            "NOT (service_confidential AND (phone_is_geographic"
            f" OR (phone_e164 IS NOT NULL AND {begins_like_a_landline('phone_e164')})))",
        ),
        check("not_via_itself", "via_service_id <> service_id"),
    )

    service_id: UUID = Field(index=True)
    service_confidential: bool
    position: int = 0
    name: str = Field(max_length=200)
    channel: str = Field(max_length=20)
    via_service_id: UUID | None = Field(default=None, foreign_key="service.id", ondelete="CASCADE")
    phone_number: str | None = Field(default=None, max_length=40)
    phone_e164: str | None = Field(default=None, max_length=20)
    phone_is_geographic: bool = False
    phone_is_public_office: bool = False
    email: str | None = Field(default=None, max_length=254)
    form_url: str | None = Field(default=None, max_length=2000)
    consent: str | None = Field(default=None, max_length=30)
    age_group: str | None = Field(default=None, max_length=10)
    response_time: str | None = Field(default=None, max_length=20)
    information_needed: str | None = None
    notes: str | None = None
    visibility: str = Field(default="public", max_length=20)
