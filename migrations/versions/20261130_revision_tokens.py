"""What a database says it holds: beside each counter a token that no other history of it has."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_revision_tokens"
down_revision = "20261201_takedown_address"
branch_labels = None
depends_on = None

TOKENS = ("catalogue_token", "capacity_token")


def upgrade() -> None:
    with op.batch_alter_table("directory_revision", schema=None) as batch_op:
        for name in TOKENS:
            batch_op.add_column(sa.Column(name, sa.String(length=32), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("directory_revision", schema=None) as batch_op:
        for name in TOKENS:
            batch_op.drop_column(name)
