"""What officers found when they rang, by service and hour."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_call_outcomes"
down_revision = "20261126_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('helped', 'full', 'no_answer', 'wrong_number')",
            name=op.f("ck_call_outcome_outcome_code"),
        ),
        sa.CheckConstraint("length(caller) = 64", name=op.f("ck_call_outcome_caller_whole")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_call_outcome_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_outcome")),
        sa.UniqueConstraint(
            "service_id", "hour", "caller", name=op.f("uq_call_outcome_service_id_hour_caller")
        ),
    )
    with op.batch_alter_table("call_outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_outcome_hour"), ["hour"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("call_outcome", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_outcome_hour"))

    op.drop_table("call_outcome")
