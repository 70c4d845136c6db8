"""Two imports that are applied at the same moment."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from app.errors import PreconditionFailed
from app.importing.applying import apply_import
from app.importing.selecting import Selection
from app.models.imports import ImportBatch
from tests.factories import count, make_organization, make_service
from tests.importing.sending import Desk


def test_of_two_that_bring_in_the_same_new_record_the_second_is_told_that_it_has_moved(desk: Desk) -> None:
    first = desk.send(make_organization(make_service(description="The first says.")))
    second = desk.send(make_organization(make_service(description="The second says.")))

    with ThreadPoolExecutor(1) as threads:
        with desk.database.write() as session:
            done = apply_import(
                session,
                first.id,
                digest=first.digest,
                selection=Selection(),
                by=desk.first,
                publication=desk.publication(session),
            )
            assert done.state == "applied"
            other = threads.submit(desk.apply, second)
            wait([other], timeout=0.5)
        with pytest.raises(PreconditionFailed):
            other.result()

    assert count(desk.database, "organization") == 1
    with desk.database.read() as session:
        assert session.get_one(ImportBatch, second.id).state == "checked"
