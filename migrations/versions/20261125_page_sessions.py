"""Sessions at pages, each exchanged for a key."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_page_sessions"
down_revision = "20261126_call_outcomes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_session",
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("key_id", sa.String(length=12), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(mac) = 64", name=op.f("ck_page_session_mac_whole")),
        sa.CheckConstraint("length(public_id) = 12", name=op.f("ck_page_session_public_id_whole")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_page_session_expires_after_start")),
        sa.CheckConstraint("last_seen_at >= created_at", name=op.f("ck_page_session_seen_after_start")),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.public_id"], name=op.f("fk_page_session_key_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_page_session")),
    )
    with op.batch_alter_table("page_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_page_session_key_id"), ["key_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("page_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_page_session_key_id"))
        batch_op.drop_index(batch_op.f("ix_page_session_expires_at"))

    op.drop_table("page_session")
