"""Who was reminded of which figure, and where an organization wants its reminders sent."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_reminders"
down_revision = "20261126_capacity_sequence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_address",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_reminder_address_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_reminder_address")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("applies_to", sa.String(length=10), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("takeovers", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.String(length=4), nullable=True),
        sa.CheckConstraint(
            "applies_to IN ('anyone', 'women', 'men', 'families', 'children')",
            name=op.f("ck_reminder_applies_to_code"),
        ),
        sa.CheckConstraint("channel IN ('mail', 'log')", name=op.f("ck_reminder_channel_code")),
        sa.CheckConstraint("kind IN ('expiring', 'expired')", name=op.f("ck_reminder_kind_code")),
        sa.CheckConstraint(
            "unit IN ('bed_space', 'household_unit', 'caseworker_place', 'appointment', 'class_place', 'call_line')",
            name=op.f("ck_reminder_unit_code"),
        ),
        sa.CheckConstraint(
            "(claim IS NULL) = (retry_at IS NOT NULL)", name=op.f("ck_reminder_claimed_or_to_retry")
        ),
        sa.CheckConstraint("(sent_at IS NULL) = (channel IS NULL)", name=op.f("ck_reminder_sent_somewhere")),
        sa.CheckConstraint("takeovers >= 0 AND failures >= 0", name=op.f("ck_reminder_counts_not_negative")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_reminder_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "service_id",
            "unit",
            "applies_to",
            "valid_until",
            "kind",
            name=op.f("uq_reminder_service_id_unit_applies_to_valid_until_kind"),
        ),
    )


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("reminder_address")
