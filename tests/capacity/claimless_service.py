"""The service with reminders that are sent without being claimed: what two processes must be caught at.

`python -m tests.capacity.claimless_service` runs `directory serve`.
"""

import sys
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session

from app.capacity import sending
from app.capacity.reminders import Claim, DueService


def without_claim(_: Session, __: DueService, *, now: datetime) -> Claim:
    del now
    return Claim(uuid4(), uuid4())


if __name__ == "__main__":
    from app.cli import main

    sending.claim_reminders = without_claim  # type: ignore[assignment, attr-defined]
    sys.argv = ["directory", "serve", "--no-prepare"]
    main()
