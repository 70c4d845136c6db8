"""Postcode and street of a place that was taken down, each by itself: a file may have one without the other."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_takedown_address"
down_revision = "20261201_takedown_scope"
branch_labels = None
depends_on = None

TAKEDOWN = sa.table(
    "takedown",
    sa.column("id", sa.Uuid()),
    sa.column("location_id", sa.Uuid()),
    sa.column("known_by", sa.String()),
    sa.column("known_postcode", sa.String()),
    sa.column("known_street", sa.String()),
)
LOCATION = sa.table(
    "location",
    sa.column("id", sa.Uuid()),
    sa.column("postal_code", sa.String()),
    sa.column("address_1", sa.String()),
)
NAME = "ck_takedown_address_of_a_place"


def upgrade() -> None:
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_postcode", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("known_street", sa.String(length=500), nullable=True))
    link = op.get_bind()
    known = sa.select(TAKEDOWN.c.id, TAKEDOWN.c.known_by, LOCATION.c.postal_code, LOCATION.c.address_1)
    places = known.join_from(TAKEDOWN, LOCATION, LOCATION.c.id == TAKEDOWN.c.location_id, isouter=True)
    for takedown_id, known_by, postcode, street in link.execute(
        places.where(TAKEDOWN.c.known_by.is_not(None))
    ).all():
        # A street was kept in small letters; no postcode is.
        if known_by == known_by.lower():
            values = {"known_street": known_by}
        else:
            # The street beside it was not kept: that of now, as long as the place has not been given another postcode.
            values = {"known_postcode": known_by, "known_street": street if postcode == known_by else None}
        link.execute(sa.update(TAKEDOWN).where(TAKEDOWN.c.id == takedown_id).values(**values))
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(NAME), type_="check")
        batch_op.create_check_constraint(
            batch_op.f(NAME), "(known_postcode IS NULL AND known_street IS NULL) OR location_id IS NOT NULL"
        )
        batch_op.drop_column("known_by")


def downgrade() -> None:
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_by", sa.String(length=500), nullable=True))
    link = op.get_bind()
    known = sa.select(TAKEDOWN.c.id, TAKEDOWN.c.known_postcode, TAKEDOWN.c.known_street)
    for takedown_id, postcode, street in link.execute(known).all():
        known_by = postcode or (" ".join(street.casefold().split()) if street else None)
        link.execute(sa.update(TAKEDOWN).where(TAKEDOWN.c.id == takedown_id).values(known_by=known_by))
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(NAME), type_="check")
        batch_op.create_check_constraint(batch_op.f(NAME), "known_by IS NULL OR location_id IS NOT NULL")
        batch_op.drop_column("known_street")
        batch_op.drop_column("known_postcode")
