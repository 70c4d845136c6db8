"""The address that a place had when it was taken down, so that it is known again when its row has another one by then."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_takedown_known_by"
down_revision = "20261130_takedown_again"
branch_labels = None
depends_on = None

TAKEDOWN = sa.table(
    "takedown",
    sa.column("id", sa.Uuid()),
    sa.column("location_id", sa.Uuid()),
    sa.column("known_by", sa.String()),
)
LOCATION = sa.table(
    "location",
    sa.column("id", sa.Uuid()),
    sa.column("postal_code", sa.String()),
    sa.column("address_1", sa.String()),
)


def upgrade() -> None:
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_by", sa.String(length=500), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_takedown_address_of_a_place"), "known_by IS NULL OR location_id IS NOT NULL"
        )
    link = op.get_bind()
    places = sa.select(TAKEDOWN.c.id, LOCATION.c.postal_code, LOCATION.c.address_1).join_from(
        TAKEDOWN, LOCATION, LOCATION.c.id == TAKEDOWN.c.location_id
    )
    # What an earlier takedown knew it by is not kept anywhere: the address of now is the best that there is.
    for takedown_id, postcode, street in link.execute(places).all():
        known_by = postcode or (" ".join(street.casefold().split()) if street else None)
        link.execute(sa.update(TAKEDOWN).where(TAKEDOWN.c.id == takedown_id).values(known_by=known_by))


def downgrade() -> None:
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_takedown_address_of_a_place"), type_="check")
        batch_op.drop_column("known_by")
