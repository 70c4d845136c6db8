"""Approvals, takedowns, reported mistakes, what curators decide about proposals, and people instead of names in words."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_curation"
down_revision = "20261125_page_sessions"
branch_labels = None
depends_on = None

PROPOSAL_CHECKS = {
    "origin_code": "origin IN ('provider', 'curator')",
    "call_outcome_code": "call_outcome IN ('confirmed', 'not_confirmed', 'not_reached')",
    "one_record": "(service_id IS NULL) <> (organization_id IS NULL)",
    "version_positive": "version >= 1",
    "curators_named": "(origin = 'curator') = (proposed_by_person IS NOT NULL)",
    "call_whole": "(called_on IS NULL) = (call_outcome IS NULL) AND (called_on IS NULL) = (called_by_person IS NULL)"
    " AND (called_number IS NULL OR called_on IS NOT NULL)",
    "decided_whole": "(decided_by IS NULL) = (decided_at IS NULL)",
    "decided_or_open": "(state IN ('waiting', 'asked')) = (decided_at IS NULL)",
    "refused_with_reason": "state <> 'refused' OR reason IS NOT NULL",
    "asked_with_question": "state <> 'asked' OR question IS NOT NULL",
    "approved_by_a_person": "state <> 'approved' OR decided_by_person IS NOT NULL",
    "two_people": "state <> 'approved' OR ((proposed_by_person IS NULL OR proposed_by_person <> decided_by_person)"
    " AND (called_by_person IS NULL OR called_by_person <> decided_by_person))",
}
PEOPLE_OF_A_PROPOSAL = ("proposed_by_person", "called_by_person", "decided_by_person")
STATES = "state IN ('waiting', 'approved', 'refused', 'withdrawn')"
STATES_AND_ASKED = "state IN ('waiting', 'asked', 'approved', 'refused', 'withdrawn')"


def upgrade() -> None:
    op.create_table(
        "approval_request",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("sent_by_person", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sent_by_person"], ["person.id"], name=op.f("fk_approval_request_sent_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_approval_request_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_approval_request")),
    )
    op.create_table(
        "mistake_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "category IN ('closed', 'wrong_phone', 'wrong_address', 'wrong_hours', 'wrong_eligibility', 'unsafe', 'other')",
            name=op.f("ck_mistake_report_category_code"),
        ),
        sa.CheckConstraint("count >= 1", name=op.f("ck_mistake_report_counted")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_mistake_report_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mistake_report")),
        sa.UniqueConstraint(
            "service_id", "hour", "category", name=op.f("uq_mistake_report_service_id_hour_category")
        ),
    )
    with op.batch_alter_table("mistake_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mistake_report_hour"), ["hour"], unique=False)

    op.create_table(
        "takedown",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("phone_e164", sa.String(length=20), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("state_before", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_down_by", sa.String(length=40), nullable=False),
        sa.Column("asked_by_person", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_back_by_person", sa.Uuid(), nullable=True),
        sa.Column("put_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('unsafe', 'place_exposed', 'wrong_contact', 'closed', 'asked_by_service', 'legal', 'other')",
            name=op.f("ck_takedown_reason_code"),
        ),
        sa.CheckConstraint(
            "state_before IN ('draft', 'awaiting_approval', 'published', 'paused', 'archived')",
            name=op.f("ck_takedown_state_before_code"),
        ),
        sa.CheckConstraint(
            "(CASE WHEN service_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN phone_e164 IS NULL THEN 0 ELSE 1 END) + (CASE WHEN location_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_takedown_one_thing"),
        ),
        sa.CheckConstraint(
            "(asked_by_person IS NULL) = (asked_at IS NULL)", name=op.f("ck_takedown_asked_whole")
        ),
        sa.CheckConstraint(
            "(put_back_by_person IS NULL) = (put_back_at IS NULL)", name=op.f("ck_takedown_put_back_whole")
        ),
        sa.CheckConstraint(
            "(service_id IS NULL) = (state_before IS NULL)", name=op.f("ck_takedown_service_had_a_state")
        ),
        sa.CheckConstraint(
            "put_back_by_person IS NULL OR (asked_by_person IS NOT NULL AND put_back_by_person <> asked_by_person)",
            name=op.f("ck_takedown_two_people"),
        ),
        sa.ForeignKeyConstraint(["asked_by_person"], ["person.id"], name=op.f("fk_takedown_asked_by_person")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_takedown_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["put_back_by_person"], ["person.id"], name=op.f("fk_takedown_put_back_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_takedown_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takedown")),
    )
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_takedown_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_takedown_service_id"), ["service_id"], unique=False)

    with op.batch_alter_table("call_outcome", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dismissed", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organization_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("origin", sa.String(length=10), server_default="provider", nullable=False)
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        # What was stored when an earlier proposal was made is not known: nothing of it is taken up without a look.
        batch_op.add_column(sa.Column("base", sa.String(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("called_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("called_number", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("call_outcome", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("question", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("applied", sa.String(), nullable=True))
        for name in PEOPLE_OF_A_PROPOSAL:
            batch_op.add_column(sa.Column(name, sa.Uuid(), nullable=True))
            batch_op.create_foreign_key(batch_op.f(f"fk_proposal_{name}"), "person", [name], ["id"])
        batch_op.alter_column("service_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.alter_column("service_version", existing_type=sa.Integer(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_proposal_organization_id"),
            "organization",
            ["organization_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.drop_constraint(batch_op.f("ck_proposal_state_code"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_proposal_state_code"), STATES_AND_ASKED)
        for name, rule in PROPOSAL_CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_proposal_{name}"), rule)
        batch_op.create_index(batch_op.f("ix_proposal_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index("ix_proposal_waiting", ["state", "proposed_at", "id"], unique=False)

    # Until now no command and no route made such a request: there is none to carry over, and a name in words is no person.
    op.drop_table("unflagging_request")
    op.create_table(
        "unflagging_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by_person", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_person", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(approved_by_person IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_unflagging_request_approved_whole"),
        ),
        sa.CheckConstraint(
            "approved_by_person <> requested_by_person", name=op.f("ck_unflagging_request_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_unflagging_request_service_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_person"], ["person.id"], name=op.f("fk_unflagging_request_requested_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_person"], ["person.id"], name=op.f("fk_unflagging_request_approved_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unflagging_request")),
    )
    with op.batch_alter_table("unflagging_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unflagging_request_service_id"), ["service_id"], unique=False)


def downgrade() -> None:
    op.drop_table("unflagging_request")
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
            ["service_id"], ["service.id"], name=op.f("fk_unflagging_request_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unflagging_request")),
    )
    with op.batch_alter_table("unflagging_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unflagging_request_service_id"), ["service_id"], unique=False)

    op.execute("DELETE FROM proposal WHERE service_id IS NULL OR service_version IS NULL")
    op.execute("UPDATE proposal SET state = 'waiting' WHERE state = 'asked'")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_waiting")
        batch_op.drop_index(batch_op.f("ix_proposal_organization_id"))
        for name in PROPOSAL_CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_proposal_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_proposal_state_code"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_proposal_state_code"), STATES)
        for name in ("organization_id", *PEOPLE_OF_A_PROPOSAL):
            batch_op.drop_constraint(batch_op.f(f"fk_proposal_{name}"), type_="foreignkey")
            batch_op.drop_column(name)
        for name in (
            "origin", "version", "base", "called_on", "called_number", "call_outcome", "question", "reason", "decided_by",
            "decided_at", "applied",
        ):  # fmt: skip
            batch_op.drop_column(name)
        batch_op.alter_column("service_version", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("service_id", existing_type=sa.Uuid(), nullable=False)

    with op.batch_alter_table("call_outcome", schema=None) as batch_op:
        batch_op.drop_column("dismissed")

    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_takedown_service_id"))
        batch_op.drop_index(batch_op.f("ix_takedown_organization_id"))
    op.drop_table("takedown")

    with op.batch_alter_table("mistake_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mistake_report_hour"))
    op.drop_table("mistake_report")

    op.drop_table("approval_request")
