"""What was said when something was taken down that was down already."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_takedown_again"
down_revision = "20261126_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "takedown_again",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("takedown_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_down_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "reason IN ('unsafe', 'place_exposed', 'wrong_contact', 'closed', 'asked_by_service', 'legal', 'other')",
            name=op.f("ck_takedown_again_reason_code"),
        ),
        sa.ForeignKeyConstraint(
            ["takedown_id"], ["takedown.id"], name=op.f("fk_takedown_again_takedown_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takedown_again")),
    )
    with op.batch_alter_table("takedown_again", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_takedown_again_takedown_id"), ["takedown_id"], unique=False)


def downgrade() -> None:
    op.drop_table("takedown_again")
