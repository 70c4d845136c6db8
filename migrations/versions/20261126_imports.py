"""Imports: what files would change, their faults, the columns of sheets, and keys that stand for stored records."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_imports"
down_revision = "20261126_curation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("publishes_new", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.Column("base_catalogue", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("selection", sa.String(), nullable=True),
        sa.Column("selection_digest", sa.String(length=64), nullable=True),
        sa.Column("tripwires", sa.String(), nullable=True),
        sa.Column("requested_by", sa.String(length=40), nullable=True),
        sa.Column("requested_person_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approved_person_id", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_catalogue", sa.Integer(), nullable=True),
        sa.Column("undone_by", sa.String(length=40), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_import_batch_undone_has_moment")
        ),
        sa.CheckConstraint(
            "(state IN ('applied', 'undone')) = (applied_at IS NOT NULL)",
            name=op.f("ck_import_batch_applied_has_moment"),
        ),
        sa.CheckConstraint("kind IN ('csv', 'xlsx', 'oruk', 'json')", name=op.f("ck_import_batch_kind_code")),
        sa.CheckConstraint(
            "state <> 'awaiting_second_person' OR requested_by IS NOT NULL",
            name=op.f("ck_import_batch_waits_for_somebody"),
        ),
        sa.CheckConstraint(
            "state IN ('checked', 'awaiting_second_person', 'applied', 'undone', 'refused', 'failed', 'expired')",
            name=op.f("ck_import_batch_state_code"),
        ),
        sa.CheckConstraint(
            "(requested_by IS NULL) = (requested_at IS NULL)", name=op.f("ck_import_batch_requested_whole")
        ),
        sa.CheckConstraint(
            "applied_at IS NULL OR tripwires IS NULL OR approved_by IS NOT NULL",
            name=op.f("ck_import_batch_tripped_needs_second"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR requested_by IS NOT NULL",
            name=op.f("ck_import_batch_approved_was_requested"),
        ),
        sa.CheckConstraint(
            "approved_person_id <> requested_person_id", name=op.f("ck_import_batch_two_people")
        ),
        sa.CheckConstraint(
            "length(sha256) = 64 AND length(fingerprint) = 64 AND length(digest) = 64",
            name=op.f("ck_import_batch_hashes_whole"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_batch_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index("ix_import_batch_order", ["created_at", "id"], unique=False)

    op.create_table(
        "import_mapping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("name", name=op.f("uq_import_mapping_name")),
    )
    op.create_table(
        "import_problem",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("sheet", sa.String(length=200), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("column_name", sa.String(length=200), nullable=True),
        sa.Column("pointer", sa.String(length=300), nullable=True),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("fix", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(
            "severity IN ('problem', 'warning')", name=op.f("ck_import_problem_severity_code")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name=op.f("fk_import_problem_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
        sa.UniqueConstraint("import_id", "position", name=op.f("uq_import_problem_import_id_position")),
    )
    op.create_table(
        "import_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("organization_key", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("proposed", sa.String(), nullable=True),
        sa.Column("base_digest", sa.String(length=64), nullable=True),
        sa.Column("base_state", sa.String(length=20), nullable=True),
        sa.Column("changes", sa.String(), nullable=False),
        sa.Column("conflicts", sa.String(), nullable=False),
        sa.Column("tripwires", sa.String(), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=True),
        sa.Column("sheet", sa.String(length=200), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after_digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "kind = 'missing' OR (kind = 'added') = (base_digest IS NULL)",
            name=op.f("ck_import_record_new_has_no_base"),
        ),
        sa.CheckConstraint(
            "(kind = 'missing') = (proposed IS NULL)", name=op.f("ck_import_record_something_proposed")
        ),
        sa.CheckConstraint(
            "kind IN ('added', 'changed', 'missing')", name=op.f("ck_import_record_kind_code")
        ),
        sa.CheckConstraint(
            "record_type IN ('organization', 'service')", name=op.f("ck_import_record_record_type_code")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name=op.f("fk_import_record_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_record")),
        sa.UniqueConstraint("import_id", "position", name=op.f("uq_import_record_import_id_position")),
    )
    with op.batch_alter_table("import_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_record_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_import_record_record_id"), ["record_id"], unique=False)

    op.create_table(
        "import_alias",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "record_type IN ('organization', 'service')", name=op.f("ck_import_alias_record_type_code")
        ),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (organization_id IS NULL)", name=op.f("ck_import_alias_one_record")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_import_alias_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_import_alias_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_alias")),
        sa.UniqueConstraint(
            "source", "record_type", "key", name=op.f("uq_import_alias_source_record_type_key")
        ),
    )


def downgrade() -> None:
    op.drop_table("import_alias")
    with op.batch_alter_table("import_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_record_record_id"))
        batch_op.drop_index(batch_op.f("ix_import_record_organization_id"))

    op.drop_table("import_record")
    op.drop_table("import_problem")
    op.drop_table("import_mapping")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index("ix_import_batch_order")
        batch_op.drop_index(batch_op.f("ix_import_batch_fingerprint"))
        batch_op.drop_index(batch_op.f("ix_import_batch_expires_at"))

    op.drop_table("import_batch")
