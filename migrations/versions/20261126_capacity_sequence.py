"""The number that the capacity counter had when a report was announced, so that processes read only what is new."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_capacity_sequence"
down_revision = "20261126_capacity_reporting"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("capacity_report", schema=None) as batch_op:
        # 0: reports from before this migration, which every process reads when it starts.
        batch_op.add_column(sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_capacity_report_sequence"), ["sequence"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("capacity_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capacity_report_sequence"))
        batch_op.drop_column("sequence")
