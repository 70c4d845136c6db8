"""The audit log, which can only grow, and stored answers of idempotent writes.

The triggers of `audit_event` refuse what is not the next link of the chain, so that `REPLACE`, which SQLite carries out
without asking the triggers on DELETE, takes nothing away either. A batch rebuild of the table would lose them.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_audit"
down_revision = "20261126_access"
branch_labels = None
depends_on = None

IS_NO_NEXT_LINK = """
    NEW.seq <> coalesce((SELECT max(seq) FROM audit_event), 0) + 1
    OR NEW.previous <> coalesce(
        (SELECT mac FROM audit_event ORDER BY seq DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000'
    )
"""

ON_SQLITE = [
    """
    CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
    """,
    """
    CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
    """,
    f"""
    CREATE TRIGGER audit_event_next_link BEFORE INSERT ON audit_event WHEN {IS_NO_NEXT_LINK}
    BEGIN SELECT RAISE(ABORT, 'not the next event of the chain'); END
    """,
]

ON_POSTGRES = [
    """
    CREATE FUNCTION audit_event_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit_event is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE FUNCTION audit_event_is_next() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {IS_NO_NEXT_LINK} THEN
            RAISE EXCEPTION 'not the next event of the chain' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_only_grows()
    """,
    """
    CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_only_grows()
    """,
    """
    CREATE TRIGGER audit_event_next_link BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_next()
    """,
    # Also for a session that calls itself a replica, which passes over ordinary triggers.
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_truncate",
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_next_link",
]


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_type", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("entity_type", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("field_hashes", sa.String(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_audit_event_from_one")),
        sa.CheckConstraint(
            "length(previous) = 64 AND length(mac) = 64", name=op.f("ck_audit_event_hashes_whole")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_event_previous")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_organization_id"), ["organization_id"], unique=False)
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRES:
        op.execute(sa.text(statement))

    op.create_table(
        "idempotent_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("route", sa.String(length=300), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(key_hash) = 64 AND length(fingerprint) = 64",
            name=op.f("ck_idempotent_answer_hashes_whole"),
        ),
        sa.CheckConstraint("status BETWEEN 200 AND 299", name=op.f("ck_idempotent_answer_of_success")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_idempotent_answer_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_answer")),
        sa.UniqueConstraint(
            "principal_id",
            "method",
            "route",
            "key_hash",
            name=op.f("uq_idempotent_answer_principal_id_method_route_key_hash"),
        ),
    )
    with op.batch_alter_table("idempotent_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotent_answer_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_idempotent_answer_organization_id"), ["organization_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("idempotent_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotent_answer_organization_id"))
        batch_op.drop_index(batch_op.f("ix_idempotent_answer_expires_at"))

    op.drop_table("idempotent_answer")
    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_event_is_next(), audit_event_only_grows()")
