"""Requests to make a confidential service public, which need two people."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_unflagging_requests"
down_revision = "20261124_the_directory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unflagging_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_unflagging_request_approved_whole")
        ),
        sa.CheckConstraint(
            "length(trim(requested_by)) > 0 AND length(trim(approved_by)) > 0",
            name=op.f("ck_unflagging_request_people_named"),
        ),
        sa.CheckConstraint(
            "lower(approved_by) <> lower(requested_by)", name=op.f("ck_unflagging_request_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service.id"],
            name=op.f("fk_unflagging_request_service_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unflagging_request")),
    )
    with op.batch_alter_table("unflagging_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unflagging_request_service_id"), ["service_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unflagging_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unflagging_request_service_id"))

    op.drop_table("unflagging_request")
