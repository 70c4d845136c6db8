"""A figure ends after it was seen, not after its place in the order: where a clock had run ahead, the latter lies in the future."""

from alembic import op

revision = "20261130_life_from_seen"
down_revision = "20261130_revision_tokens"
branch_labels = None
depends_on = None

NAME = "ck_capacity_report_expires_after_observed"
HOUR_LATER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', observed_at, '+1 hour')",
    "postgresql": "observed_at + interval '1 hour'",
}


def upgrade() -> None:
    with op.batch_alter_table("capacity_report", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(NAME), type_="check")
        batch_op.create_check_constraint(batch_op.f(NAME), "valid_until > COALESCE(seen_at, observed_at)")


def downgrade() -> None:
    # Deleted, they would bring back what they replaced, which is older: of these nothing is known.
    op.execute(
        "UPDATE capacity_report SET status = 'unknown', available = NULL, maximum = NULL, waits_days = NULL, "  # noqa: S608
        f"valid_until = {HOUR_LATER[op.get_bind().dialect.name]} WHERE valid_until <= observed_at"
    )
    with op.batch_alter_table("capacity_report", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(NAME), type_="check")
        batch_op.create_check_constraint(batch_op.f(NAME), "valid_until > observed_at")
