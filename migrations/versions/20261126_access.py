"""People, API keys, suspensions of organizations and officers' devices."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_access"
down_revision = "20261125_unflagging_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded_name", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "length(trim(name)) > 0 AND length(trim(folded_name)) > 0", name=op.f("ck_person_named")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("folded_name", name=op.f("uq_person_folded_name")),
    )
    op.create_table(
        "api_key",
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("key_type", sa.String(length=10), nullable=False),
        sa.Column("environment", sa.String(length=4), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("all_services", sa.Boolean(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rotated_from", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "(key_type IN ('provider', 'officer') AND organization_id IS NOT NULL AND person_id IS NULL) OR (key_type IN ('curator', 'bootstrap') AND organization_id IS NULL AND person_id IS NOT NULL)",
            name=op.f("ck_api_key_one_owner"),
        ),
        sa.CheckConstraint(
            "all_services OR key_type = 'provider'", name=op.f("ck_api_key_limited_is_a_provider")
        ),
        sa.CheckConstraint("environment IN ('live', 'test')", name=op.f("ck_api_key_environment_code")),
        sa.CheckConstraint(
            "key_type IN ('provider', 'officer', 'curator', 'bootstrap')",
            name=op.f("ck_api_key_key_type_code"),
        ),
        sa.CheckConstraint(
            "used_at IS NULL OR key_type = 'bootstrap'", name=op.f("ck_api_key_used_is_bootstrap")
        ),
        sa.CheckConstraint("expires_at > not_before", name=op.f("ck_api_key_expires_after_start")),
        sa.CheckConstraint("length(mac) = 64", name=op.f("ck_api_key_mac_whole")),
        sa.CheckConstraint("length(public_id) = 12", name=op.f("ck_api_key_public_id_whole")),
        sa.CheckConstraint("rotated_from <> public_id", name=op.f("ck_api_key_succeeds_another")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_api_key_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_key_person_id")),
        sa.ForeignKeyConstraint(
            ["rotated_from"], ["api_key.public_id"], name=op.f("fk_api_key_rotated_from"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("public_id", "key_type", name=op.f("uq_api_key_public_id_key_type")),
        sa.UniqueConstraint("rotated_from", name=op.f("uq_api_key_rotated_from")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_key_person_id"), ["person_id"], unique=False)

    op.create_table(
        "officer_device",
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("link_mac", sa.String(length=64), nullable=False),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_mac", sa.String(length=64), nullable=True),
        sa.Column("session_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(enrolled_at IS NULL) = (session_mac IS NULL) AND (enrolled_at IS NULL) = (session_expires_at IS NULL) AND (enrolled_at IS NULL) = (last_seen_at IS NULL)",
            name=op.f("ck_officer_device_enrolled_whole"),
        ),
        sa.CheckConstraint("enrolled_at <= link_expires_at", name=op.f("ck_officer_device_enrolled_in_time")),
        sa.CheckConstraint("length(link_mac) = 64", name=op.f("ck_officer_device_link_mac_whole")),
        sa.CheckConstraint("length(public_id) = 12", name=op.f("ck_officer_device_public_id_whole")),
        sa.CheckConstraint("length(session_mac) = 64", name=op.f("ck_officer_device_session_mac_whole")),
        sa.CheckConstraint(
            "link_expires_at > created_at", name=op.f("ck_officer_device_link_expires_after_made")
        ),
        sa.CheckConstraint(
            "session_expires_at > enrolled_at", name=op.f("ck_officer_device_session_expires_after_enrolled")
        ),
        sa.ForeignKeyConstraint(["enrolled_by"], ["person.id"], name=op.f("fk_officer_device_enrolled_by")),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_officer_device")),
    )
    with op.batch_alter_table("officer_device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_device_enrolled_by"), ["enrolled_by"], unique=False)

    op.create_table(
        "organization_suspension",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_suspension_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_organization_suspension")),
    )
    op.create_table(
        "api_key_scope",
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("key_type", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "(key_type = 'provider' AND scope IN ('capacity:write', 'service:propose')) OR (key_type = 'officer' AND scope = 'officer:read') OR (key_type = 'bootstrap' AND scope = 'keys:admin') OR (key_type = 'curator' AND scope IN ('officer:read', 'officer:enrol', 'capacity:telephone', 'proposals:review', 'directory:publish', 'import:run', 'keys:admin', 'audit:read'))",
            name=op.f("ck_api_key_scope_scope_fits_type"),
        ),
        sa.ForeignKeyConstraint(
            ["public_id", "key_type"],
            ["api_key.public_id", "api_key.key_type"],
            name=op.f("fk_api_key_scope_public_id_key_type"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("public_id", "scope", name=op.f("pk_api_key_scope")),
    )
    op.create_table(
        "api_key_service",
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["public_id"],
            ["api_key.public_id"],
            name=op.f("fk_api_key_service_public_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_api_key_service_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("public_id", "service_id", name=op.f("pk_api_key_service")),
    )


def downgrade() -> None:
    op.drop_table("api_key_service")
    op.drop_table("api_key_scope")
    op.drop_table("organization_suspension")
    with op.batch_alter_table("officer_device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_officer_device_enrolled_by"))

    op.drop_table("officer_device")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_person_id"))
        batch_op.drop_index(batch_op.f("ix_api_key_organization_id"))

    op.drop_table("api_key")
    op.drop_table("person")
