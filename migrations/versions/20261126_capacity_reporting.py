"""Who reported a figure, what an undo takes back, lives that end at whole hours, and what providers propose."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_capacity_reporting"
down_revision = "20261126_audit"
branch_labels = None
depends_on = None

HOUR_BEGINS = {
    "sqlite": "strftime('%Y-%m-%d %H:00:00.000000', valid_until)",
    "postgresql": "date_trunc('hour', valid_until, 'UTC')",
}


def upgrade() -> None:
    with op.batch_alter_table("capacity_report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reported_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("undoes_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_capacity_report_seen_before_observed"), "seen_at <= observed_at"
        )
        batch_op.create_foreign_key(
            op.f("fk_capacity_report_undoes_id"),
            "capacity_report",
            ["undoes_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_index("ix_capacity_report_history", ["service_id", "recorded_at", "id"], unique=False)
    # The minute at which an older figure ends tells the minute at which it was reported. Those of the current hour end now.
    floored = HOUR_BEGINS[op.get_bind().dialect.name]
    op.execute(f"UPDATE capacity_report SET valid_until = {floored} WHERE {floored} > observed_at")  # noqa: S608

    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("service_version", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused', 'withdrawn')", name=op.f("ck_proposal_state_code")
        ),
        sa.CheckConstraint("service_version >= 1", name=op.f("ck_proposal_service_version_positive")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_proposal_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_history", ["service_id", "proposed_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_history")

    op.drop_table("proposal")
    with op.batch_alter_table("capacity_report", schema=None) as batch_op:
        batch_op.drop_index("ix_capacity_report_history")
        batch_op.drop_constraint(op.f("fk_capacity_report_undoes_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_capacity_report_seen_before_observed"), type_="check")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("undoes_id")
        batch_op.drop_column("reported_by")
