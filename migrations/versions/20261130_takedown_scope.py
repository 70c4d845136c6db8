"""What a takedown is of: a whole organization as well, which none of its services stands for."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_takedown_scope"
down_revision = "20261130_takedown_known_by"
branch_labels = None
depends_on = None

ONE_OF_THREE = (
    "(CASE WHEN service_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN phone_e164 IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN location_id IS NULL THEN 0 ELSE 1 END) = 1"
)
ONE_THING = (
    "(scope = 'service') = (service_id IS NOT NULL) AND (scope = 'number') = (phone_e164 IS NOT NULL)"
    " AND (scope = 'place') = (location_id IS NOT NULL)"
)
FILLED = """
    UPDATE takedown SET scope = CASE
        WHEN service_id IS NOT NULL THEN 'service' WHEN phone_e164 IS NOT NULL THEN 'number' ELSE 'place' END
"""


def upgrade() -> None:
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scope", sa.String(length=20), nullable=True))
    op.execute(FILLED)
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.alter_column("scope", existing_type=sa.String(length=20), nullable=False)
        batch_op.drop_constraint(batch_op.f("ck_takedown_one_thing"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_takedown_one_thing"), ONE_THING)
        batch_op.create_check_constraint(
            batch_op.f("ck_takedown_scope_code"),
            "scope IN ('organization', 'service', 'number', 'place', 'forgotten_place')",
        )


def downgrade() -> None:
    # The services of an organization that is taken down have takedowns of their own, which stay.
    op.execute("DELETE FROM takedown WHERE scope IN ('organization', 'forgotten_place')")
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_takedown_scope_code"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_takedown_one_thing"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_takedown_one_thing"), ONE_OF_THREE)
        batch_op.drop_column("scope")
