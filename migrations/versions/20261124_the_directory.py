"""Every table of the directory, and the one row of counters by which processes notice a change."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_the_directory"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("area_type", sa.String(length=20), nullable=False),
        sa.Column("police_force_code", sa.String(length=9), nullable=True),
        sa.Column("region_code", sa.String(length=9), nullable=True),
        sa.Column("country_code", sa.String(length=9), nullable=True),
        sa.CheckConstraint(
            "area_type IN ('local_authority', 'police_force', 'region', 'country')",
            name=op.f("ck_area_area_type_code"),
        ),
        sa.CheckConstraint("length(code) = 9", name=op.f("ck_area_code_length")),
        sa.ForeignKeyConstraint(["country_code"], ["area.code"], name=op.f("fk_area_country_code")),
        sa.ForeignKeyConstraint(["police_force_code"], ["area.code"], name=op.f("fk_area_police_force_code")),
        sa.ForeignKeyConstraint(["region_code"], ["area.code"], name=op.f("fk_area_region_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kind IN ('published', 'updated', 'removed')", name=op.f("ck_change_kind_code")),
        sa.CheckConstraint(
            "record_type IN ('service', 'organization')", name=op.f("ck_change_record_type_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_order", ["changed_at", "id"], unique=False)

    op.create_table(
        "directory_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_directory_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_revision")),
    )
    op.create_table(
        "guidance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("source_url", sa.String(length=2000), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('visitor', 'officer', 'professional')", name=op.f("ck_guidance_audience_code")
        ),
        sa.CheckConstraint("review_by >= confirmed_on", name=op.f("ck_guidance_reviewed_after_confirmed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidance")),
        sa.UniqueConstraint("slug", name=op.f("uq_guidance_slug")),
    )
    op.create_table(
        "helpline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("source_url", sa.String(length=2000), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.CheckConstraint("review_by >= confirmed_on", name=op.f("ck_helpline_reviewed_after_confirmed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helpline")),
        sa.UniqueConstraint("name", name=op.f("uq_helpline_name")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("website", sa.String(length=2000), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("last_modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_organization_source_source_id")),
    )
    op.create_table(
        "taxonomy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("uri", sa.String(length=500), nullable=True),
        sa.Column("version", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy")),
        sa.UniqueConstraint("code", name=op.f("uq_taxonomy_code")),
    )
    op.create_table(
        "area_shape",
        sa.Column("area_code", sa.String(length=9), nullable=False),
        sa.Column("geojson", sa.String(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("approximate", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_area_shape_area_code")),
        sa.PrimaryKeyConstraint("area_code", name=op.f("pk_area_shape")),
    )
    op.create_table(
        "first_responder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("source_url", sa.String(length=2000), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "review_by >= confirmed_on", name=op.f("ck_first_responder_reviewed_after_confirmed")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_first_responder_organization_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_responder")),
        sa.UniqueConstraint("name", name=op.f("uq_first_responder_name")),
    )
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address_1", sa.String(length=200), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=True),
        sa.Column("postal_code", sa.String(length=8), nullable=True),
        sa.Column("easting", sa.Integer(), nullable=True),
        sa.Column("northing", sa.Integer(), nullable=True),
        sa.Column("authority_code", sa.String(length=9), nullable=True),
        sa.Column("is_public_office", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(easting IS NULL) = (northing IS NULL)", name=op.f("ck_location_grid_position_whole")
        ),
        sa.CheckConstraint(
            "easting BETWEEN 0 AND 700000 AND northing BETWEEN 0 AND 1300000",
            name=op.f("ck_location_on_the_grid"),
        ),
        sa.ForeignKeyConstraint(["authority_code"], ["area.code"], name=op.f("fk_location_authority_code")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_location_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
    )
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_location_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "organization_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("identifier_scheme", sa.String(length=40), nullable=False),
        sa.Column("identifier_type", sa.String(length=100), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("is_public_office", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_identifier_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_identifier")),
        sa.UniqueConstraint(
            "organization_id",
            "identifier_scheme",
            "identifier",
            name=op.f("uq_organization_identifier_organization_id_identifier_scheme_identifier"),
        ),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("record_state", sa.String(length=20), nullable=False),
        sa.Column("reach", sa.String(length=20), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("host_area_code", sa.String(length=9), nullable=True),
        sa.Column("narrow_coverage_consent_on", sa.Date(), nullable=True),
        sa.Column("covers_everywhere", sa.Boolean(), nullable=False),
        sa.Column("application_process", sa.String(), nullable=True),
        sa.Column("fees_description", sa.String(), nullable=True),
        sa.Column("interpreter", sa.String(length=3), nullable=True),
        sa.Column("counts_public", sa.Boolean(), nullable=False),
        sa.Column("anonymous_contact", sa.Boolean(), nullable=True),
        sa.Column("privacy_url", sa.String(length=2000), nullable=True),
        sa.Column("child_card_role", sa.String(length=20), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "child_card_role IN ('childrens_services', 'guardianship')",
            name=op.f("ck_service_child_card_role_code"),
        ),
        sa.CheckConstraint(
            "reach IN ('site', 'outreach_area', 'remote', 'national')", name=op.f("ck_service_reach_code")
        ),
        sa.CheckConstraint(
            "record_state <> 'published' OR published_at IS NOT NULL",
            name=op.f("ck_service_published_has_moment"),
        ),
        sa.CheckConstraint(
            "record_state IN ('draft', 'awaiting_approval', 'published', 'paused', 'archived')",
            name=op.f("ck_service_record_state_code"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'inactive', 'defunct', 'temporarily closed')",
            name=op.f("ck_service_status_code"),
        ),
        sa.CheckConstraint(
            "NOT (confidential AND counts_public)", name=op.f("ck_service_confidential_counts_private")
        ),
        sa.CheckConstraint(
            "NOT confidential OR host_area_code IS NOT NULL",
            name=op.f("ck_service_confidential_has_host_area"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_service_version_positive")),
        sa.ForeignKeyConstraint(["host_area_code"], ["area.code"], name=op.f("fk_service_host_area_code")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_service_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("id", "confidential", name=op.f("uq_service_id_confidential")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_service_source_source_id")),
    )
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_state"), ["record_state"], unique=False)

    op.create_table(
        "taxonomy_term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taxonomy_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("term_uri", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["taxonomy_term.id"], name=op.f("fk_taxonomy_term_parent_id")),
        sa.ForeignKeyConstraint(
            ["taxonomy_id"], ["taxonomy.id"], name=op.f("fk_taxonomy_term_taxonomy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_term")),
        sa.UniqueConstraint("taxonomy_id", "code", name=op.f("uq_taxonomy_term_taxonomy_id_code")),
    )
    op.create_table(
        "assurance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("fact", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("source_url", sa.String(length=2000), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "mark IN ('confirmed', 'second_hand', 'general', 'unknown', 'invented')",
            name=op.f("ck_assurance_mark_code"),
        ),
        sa.CheckConstraint(
            "state IN ('unverified', 'provider_confirmed', 'curator_checked')",
            name=op.f("ck_assurance_state_code"),
        ),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (organization_id IS NULL)", name=op.f("ck_assurance_one_owner")
        ),
        sa.CheckConstraint("review_by >= confirmed_on", name=op.f("ck_assurance_reviewed_after_confirmed")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_assurance_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_assurance_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assurance")),
        sa.UniqueConstraint("organization_id", "fact", name=op.f("uq_assurance_organization_id_fact")),
        sa.UniqueConstraint("service_id", "fact", name=op.f("uq_assurance_service_id_fact")),
    )
    op.create_table(
        "capacity_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("applies_to", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("available", sa.Integer(), nullable=True),
        sa.Column("maximum", sa.Integer(), nullable=True),
        sa.Column("waits_days", sa.Integer(), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "applies_to IN ('anyone', 'women', 'men', 'families', 'children')",
            name=op.f("ck_capacity_report_applies_to_code"),
        ),
        sa.CheckConstraint(
            "available IS NULL OR available > 0 OR status NOT IN ('accepting', 'limited')",
            name=op.f("ck_capacity_report_none_left_is_not_accepting"),
        ),
        sa.CheckConstraint(
            "source IN ('key', 'page', 'telephone', 'import')", name=op.f("ck_capacity_report_source_code")
        ),
        sa.CheckConstraint(
            "status IN ('accepting', 'limited', 'assess_first', 'waiting_list', 'full', 'closed_temporarily', 'unknown')",
            name=op.f("ck_capacity_report_status_code"),
        ),
        sa.CheckConstraint(
            "unit IN ('bed_space', 'household_unit', 'caseworker_place', 'appointment', 'class_place', 'call_line')",
            name=op.f("ck_capacity_report_unit_code"),
        ),
        sa.CheckConstraint("available <= maximum", name=op.f("ck_capacity_report_available_within_maximum")),
        sa.CheckConstraint(
            "available >= 0 AND maximum >= 0 AND waits_days >= 0",
            name=op.f("ck_capacity_report_counts_not_negative"),
        ),
        sa.CheckConstraint(
            "valid_until > observed_at", name=op.f("ck_capacity_report_expires_after_observed")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_capacity_report_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_report")),
        sa.UniqueConstraint(
            "service_id",
            "unit",
            "applies_to",
            "observed_at",
            name=op.f("uq_capacity_report_service_id_unit_applies_to_observed_at"),
        ),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "visibility IN ('public', 'professional')", name=op.f("ck_contact_visibility_code")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_contact_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_service_id"), ["service_id"], unique=False)

    op.create_table(
        "eligibility",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("sex_accepted", sa.String(length=5), nullable=True),
        sa.Column("trans_inclusive", sa.String(length=3), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("with_children", sa.String(length=3), nullable=False),
        sa.Column("no_recourse_to_public_funds", sa.String(length=3), nullable=False),
        sa.Column("couples", sa.String(length=3), nullable=False),
        sa.Column("pets", sa.String(length=3), nullable=False),
        sa.Column("step_free", sa.String(length=3), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.CheckConstraint("couples IN ('yes', 'no', 'ask')", name=op.f("ck_eligibility_couples_code")),
        sa.CheckConstraint(
            "no_recourse_to_public_funds IN ('yes', 'no', 'ask')",
            name=op.f("ck_eligibility_no_recourse_to_public_funds_code"),
        ),
        sa.CheckConstraint("pets IN ('yes', 'no', 'ask')", name=op.f("ck_eligibility_pets_code")),
        sa.CheckConstraint(
            "sex_accepted IN ('women', 'men', 'any')", name=op.f("ck_eligibility_sex_accepted_code")
        ),
        sa.CheckConstraint("step_free IN ('yes', 'no', 'ask')", name=op.f("ck_eligibility_step_free_code")),
        sa.CheckConstraint(
            "trans_inclusive IN ('yes', 'no', 'ask')", name=op.f("ck_eligibility_trans_inclusive_code")
        ),
        sa.CheckConstraint(
            "with_children IN ('yes', 'no', 'ask')", name=op.f("ck_eligibility_with_children_code")
        ),
        sa.CheckConstraint(
            "minimum_age >= 0 AND maximum_age <= 120 AND minimum_age <= maximum_age",
            name=op.f("ck_eligibility_ages_possible"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_eligibility_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_eligibility")),
    )
    op.create_table(
        "information_flow",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("condition", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "condition IN ('always', 'with_consent', 'safeguarding_only', 'never', 'unknown')",
            name=op.f("ck_information_flow_condition_code"),
        ),
        sa.CheckConstraint(
            "recipient IN ('police', 'home_office_enforcement', 'home_office_nrm', 'council', 'funder')",
            name=op.f("ck_information_flow_recipient_code"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_information_flow_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_flow")),
        sa.UniqueConstraint("service_id", "recipient", name=op.f("uq_information_flow_service_id_recipient")),
    )
    op.create_table(
        "language",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.CheckConstraint("length(code) = 3", name=op.f("ck_language_code_length")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_language_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language")),
        sa.UniqueConstraint("service_id", "code", name=op.f("uq_language_service_id_code")),
    )
    op.create_table(
        "phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("service_confidential", sa.Boolean(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("e164", sa.String(length=20), nullable=False),
        sa.Column("is_geographic", sa.Boolean(), nullable=False),
        sa.Column("is_public_office", sa.Boolean(), nullable=False),
        sa.Column("phone_type", sa.String(length=10), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'professional')", name=op.f("ck_phone_visibility_code")),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (organization_id IS NULL) AND (service_id IS NULL) = (service_confidential IS NULL)",
            name=op.f("ck_phone_one_owner"),
        ),
        sa.CheckConstraint(
            "service_id IS NULL OR NOT (service_confidential AND "
            "(is_geographic OR substr(e164, 1, 4) IN ('+441', '+442')))",
            name=op.f("ck_phone_confidential_not_geographic"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_phone_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "service_confidential"],
            ["service.id", "service.confidential"],
            name=op.f("fk_phone_service_id_service_confidential"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
    )
    with op.batch_alter_table("phone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_phone_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_phone_service_id"), ["service_id"], unique=False)

    op.create_table(
        "referral_route",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("service_confidential", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("via_service_id", sa.Uuid(), nullable=True),
        sa.Column("phone_number", sa.String(length=40), nullable=True),
        sa.Column("phone_e164", sa.String(length=20), nullable=True),
        sa.Column("phone_is_geographic", sa.Boolean(), nullable=False),
        sa.Column("phone_is_public_office", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("form_url", sa.String(length=2000), nullable=True),
        sa.Column("consent", sa.String(length=30), nullable=True),
        sa.Column("age_group", sa.String(length=10), nullable=True),
        sa.Column("response_time", sa.String(length=20), nullable=True),
        sa.Column("information_needed", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "(channel = 'via_service') = (via_service_id IS NOT NULL)",
            name=op.f("ck_referral_route_via_service_named"),
        ),
        sa.CheckConstraint(
            "NOT (service_confidential AND channel = 'walk_in')",
            name=op.f("ck_referral_route_confidential_not_walked_into"),
        ),
        sa.CheckConstraint("age_group IN ('adult', 'child')", name=op.f("ck_referral_route_age_group_code")),
        sa.CheckConstraint(
            "channel <> 'email' OR email IS NOT NULL", name=op.f("ck_referral_route_email_has_address")
        ),
        sa.CheckConstraint(
            "channel <> 'web_form' OR form_url IS NOT NULL", name=op.f("ck_referral_route_form_has_url")
        ),
        sa.CheckConstraint(
            "channel IN ('phone', 'sms', 'email', 'web_form', 'walk_in', 'via_service')",
            name=op.f("ck_referral_route_channel_code"),
        ),
        sa.CheckConstraint(
            "channel NOT IN ('phone', 'sms') OR phone_e164 IS NOT NULL",
            name=op.f("ck_referral_route_phone_has_number"),
        ),
        sa.CheckConstraint(
            "consent IN ('required', 'best_interests_allowed', 'not_required_child', 'not_applicable')",
            name=op.f("ck_referral_route_consent_code"),
        ),
        sa.CheckConstraint(
            "visibility IN ('public', 'professional')", name=op.f("ck_referral_route_visibility_code")
        ),
        sa.CheckConstraint(
            "NOT (service_confidential AND (phone_is_geographic OR "
            "(phone_e164 IS NOT NULL AND substr(phone_e164, 1, 4) IN ('+441', '+442'))))",
            name=op.f("ck_referral_route_confidential_not_geographic"),
        ),
        sa.CheckConstraint("via_service_id <> service_id", name=op.f("ck_referral_route_not_via_itself")),
        sa.ForeignKeyConstraint(
            ["service_id", "service_confidential"],
            ["service.id", "service.confidential"],
            name=op.f("fk_referral_route_service_id_service_confidential"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["via_service_id"],
            ["service.id"],
            name=op.f("fk_referral_route_via_service_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_route")),
    )
    with op.batch_alter_table("referral_route", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_route_service_id"), ["service_id"], unique=False)

    op.create_table(
        "revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (organization_id IS NULL)", name=op.f("ck_revision_one_record")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_revision_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_revision_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("organization_id", "version", name=op.f("uq_revision_organization_id_version")),
        sa.UniqueConstraint("service_id", "version", name=op.f("uq_revision_service_id_version")),
    )
    op.create_table(
        "service_area",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("service_confidential", sa.Boolean(), nullable=False),
        sa.Column("area_code", sa.String(length=9), nullable=True),
        sa.Column("postcode_district", sa.String(length=4), nullable=True),
        sa.Column("polygon", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN area_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN postcode_district IS NULL THEN 0 ELSE 1 END) + (CASE WHEN polygon IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_service_area_exactly_one_kind"),
        ),
        sa.CheckConstraint(
            "NOT (service_confidential AND (polygon IS NOT NULL OR postcode_district IS NOT NULL))",
            name=op.f("ck_service_area_confidential_whole_areas_only"),
        ),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_service_area_area_code")),
        sa.ForeignKeyConstraint(
            ["service_id", "service_confidential"],
            ["service.id", "service.confidential"],
            name=op.f("fk_service_area_service_id_service_confidential"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_area")),
        sa.UniqueConstraint("service_id", "area_code", name=op.f("uq_service_area_service_id_area_code")),
        sa.UniqueConstraint(
            "service_id", "postcode_district", name=op.f("uq_service_area_service_id_postcode_district")
        ),
    )
    op.create_table(
        "service_at_location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("service_confidential", sa.Boolean(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "NOT service_confidential", name=op.f("ck_service_at_location_never_confidential")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
            name=op.f("fk_service_at_location_location_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "service_confidential"],
            ["service.id", "service.confidential"],
            name=op.f("fk_service_at_location_service_id_service_confidential"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_at_location")),
        sa.UniqueConstraint(
            "service_id", "location_id", name=op.f("uq_service_at_location_service_id_location_id")
        ),
    )
    with op.batch_alter_table("service_at_location", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_at_location_location_id"), ["location_id"], unique=False)

    op.create_table(
        "attribute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("referral_route_id", sa.Uuid(), nullable=True),
        sa.Column("link_type", sa.String(length=20), nullable=False),
        sa.Column("taxonomy_term_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(referral_route_id IS NOT NULL) = (link_type IN ('referrer', 'stage'))",
            name=op.f("ck_attribute_routes_have_referrers_and_stages"),
        ),
        sa.CheckConstraint(
            "link_type IN ('need', 'exploitation', 'referrer', 'stage')",
            name=op.f("ck_attribute_link_type_code"),
        ),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (referral_route_id IS NULL)", name=op.f("ck_attribute_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["referral_route_id"],
            ["referral_route.id"],
            name=op.f("fk_attribute_referral_route_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_attribute_service_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["taxonomy_term_id"], ["taxonomy_term.id"], name=op.f("fk_attribute_taxonomy_term_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute")),
        sa.UniqueConstraint(
            "referral_route_id",
            "link_type",
            "taxonomy_term_id",
            name=op.f("uq_attribute_referral_route_id_link_type_taxonomy_term_id"),
        ),
        sa.UniqueConstraint(
            "service_id",
            "link_type",
            "taxonomy_term_id",
            name=op.f("uq_attribute_service_id_link_type_taxonomy_term_id"),
        ),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("referral_route_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("byday", sa.String(length=20), nullable=True),
        sa.Column("opens_at", sa.String(length=5), nullable=True),
        sa.Column("closes_at", sa.String(length=5), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("bank_holidays", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "(kind = 'closed') = (opens_at IS NULL) AND (opens_at IS NULL) = (closes_at IS NULL)",
            name=op.f("ck_schedule_times_unless_closed"),
        ),
        sa.CheckConstraint(
            "bank_holidays IN ('open', 'closed', 'unknown')", name=op.f("ck_schedule_bank_holidays_code")
        ),
        sa.CheckConstraint("kind <> 'weekly' OR byday IS NOT NULL", name=op.f("ck_schedule_weekly_has_days")),
        sa.CheckConstraint(
            "kind = 'weekly' OR (valid_from IS NOT NULL AND valid_to IS NOT NULL)",
            name=op.f("ck_schedule_dated_has_dates"),
        ),
        sa.CheckConstraint("kind IN ('weekly', 'extra', 'closed')", name=op.f("ck_schedule_kind_code")),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (referral_route_id IS NULL)", name=op.f("ck_schedule_one_owner")
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_schedule_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["referral_route_id"],
            ["referral_route.id"],
            name=op.f("fk_schedule_referral_route_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_schedule_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_schedule_referral_route_id"), ["referral_route_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_schedule_service_id"), ["service_id"], unique=False)

    op.execute("INSERT INTO directory_revision (id, catalogue, capacity) VALUES (1, 0, 0)")


def downgrade() -> None:
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_schedule_service_id"))
        batch_op.drop_index(batch_op.f("ix_schedule_referral_route_id"))

    op.drop_table("schedule")
    op.drop_table("attribute")
    with op.batch_alter_table("service_at_location", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_at_location_location_id"))

    op.drop_table("service_at_location")
    op.drop_table("service_area")
    op.drop_table("revision")
    with op.batch_alter_table("referral_route", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_route_service_id"))

    op.drop_table("referral_route")
    with op.batch_alter_table("phone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_phone_service_id"))
        batch_op.drop_index(batch_op.f("ix_phone_organization_id"))

    op.drop_table("phone")
    op.drop_table("language")
    op.drop_table("information_flow")
    op.drop_table("eligibility")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_service_id"))

    op.drop_table("contact")
    op.drop_table("capacity_report")
    op.drop_table("assurance")
    op.drop_table("taxonomy_term")
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_record_state"))
        batch_op.drop_index(batch_op.f("ix_service_organization_id"))

    op.drop_table("service")
    op.drop_table("organization_identifier")
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_location_organization_id"))

    op.drop_table("location")
    op.drop_table("first_responder")
    op.drop_table("area_shape")
    op.drop_table("taxonomy")
    op.drop_table("organization")
    op.drop_table("helpline")
    op.drop_table("guidance")
    op.drop_table("directory_revision")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_order")

    op.drop_table("change")
    op.drop_table("area")
