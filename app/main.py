"""The application, wired: settings in, ASGI application out. Importing this module does nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware

from app.access.audit import AuditLog
from app.access.last_used import LastUsed
from app.access.secret import derived_key, root_secret
from app.access.throttle import Throttle
from app.access.tokens import TokenSecrets
from app.api import (
    assurance,
    calls,
    curation_lists,
    curation_proposals,
    curation_queue,
    curation_records,
    devices,
    exports,
    flagging,
    health,
    import_mappings,
    import_reading,
    imports,
    insight,
    keys,
    mistakes,
    officer,
    ogc,
    oruk,
    oruk_document,
    provider_capacity,
    provider_me,
    provider_proposals,
    reference,
    revisions,
    search,
    services,
    snapshot,
    takedowns,
    telephone,
)
from app.api.direct import direct_routes
from app.api.documents import DESCRIPTION, install_documents
from app.api.edge import Edge
from app.api.problems import install_problem_handlers
from app.api.uploads import Reader
from app.capacity.sending import LOOK_EVERY_S, ReminderSender
from app.config import Settings
from app.curation.retention import SWEPT_EVERY_S, sweep
from app.db import Database, warn_of_unsafe_sqlite
from app.directory.snapshot import DirectoryHolder
from app.directory.watching import DirectoryWatcher
from app.feed.encoded import EncodedOnce
from app.importing.staging import CLEARED_EVERY_S, clear
from app.logs import configure_logging
from app.repeating import Repeated
from app.web import (
    curator,
    curator_access,
    curator_counted,
    curator_files,
    curator_imports,
    curator_records,
    curator_reviews,
    information,
    officer_device,
    officer_pack,
    pages,
    provider_files,
    service_page,
    widget,
)
from app.web import officer as officer_page
from app.web import provider as provider_page
from app.web.problem_page import problem_answer

logger = structlog.get_logger()

VERSION = "0.1.0"


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """The service for `settings` (read from DIRECTORY_* when None). `clock` gives the time of every answer, in UTC."""
    settings = settings or Settings()
    configure_logging(settings.log_level)
    secret = root_secret(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.resolved_database_url)
        if database.is_sqlite:
            warn_of_unsafe_sqlite(production=not settings.demonstration)
        watcher = DirectoryWatcher(
            database,
            settings.gazetteer_path,
            app.state.holder,
            demonstration=settings.demonstration,
            home_area=settings.home_area,
            clock=clock,
        )
        sender = ReminderSender.of(settings, database, clock=clock)
        repeated = (
            Repeated("reminders", sender.send_due, every_s=LOOK_EVERY_S),
            Repeated("retention", partial(sweep, database, clock), every_s=SWEPT_EVERY_S),
            Repeated("imports_clearing", partial(clear, database, clock), every_s=CLEARED_EVERY_S),
        )
        app.state.database = database
        app.state.watcher = watcher
        last_used = app.state.last_used = LastUsed(database)
        watcher.start()
        for one in repeated:
            one.start()
        logger.info("service_started", env=settings.env, database=database.url.get_backend_name())
        try:
            yield
        finally:
            for one in repeated:
                one.stop()
            watcher.stop()
            last_used.close()
            database.close()
            logger.info("service_stopped")

    throttle = Throttle(settings.requests_per_minute)
    app = FastAPI(
        title="Support directory",
        version=VERSION,
        description=DESCRIPTION,
        license_info={"name": "Open Government Licence v3.0 (data)", "identifier": "OGL-UK-3.0"},
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # The framework's own spans hold the query, postcode included.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
        middleware=[
            Middleware(
                Edge,
                known_hosts=settings.known_hosts,
                secure=settings.resolved_public_url.startswith("https:"),
                throttle=throttle,
                direct=direct_routes(search.router.routes),
                tell=problem_answer,
            )
        ],
    )
    app.state.holder = DirectoryHolder()
    app.state.encoded = EncodedOnce()
    app.state.clock = clock
    app.state.settings = settings
    app.state.public_url = settings.resolved_public_url
    app.state.throttle = throttle
    app.state.audit_log = AuditLog.of(secret)
    app.state.token_secrets = TokenSecrets.of(secret, demonstration=settings.demonstration)
    app.state.idempotency_key = derived_key(secret, "idempotency keys")
    app.state.call_key = derived_key(secret, "call outcomes")
    app.state.form_key = derived_key(secret, "forms of pages")
    app.state.cursor_key = derived_key(secret, "cursors")
    app.state.bundles = snapshot.BundleKeeper()
    app.state.import_reader = Reader()
    install_problem_handlers(app, problem_answer)
    for router in (
        search.router,
        services.router,
        snapshot.router,
        reference.router,
        exports.router,
        ogc.router,
        keys.router,
        devices.router,
        officer.router,
        calls.router,
        provider_me.router,
        provider_capacity.router,
        provider_proposals.router,
        telephone.router,
        oruk.router,
        oruk_document.router,
        insight.router,
        curation_queue.router,
        curation_lists.router,
        curation_records.router,
        curation_proposals.router,
        assurance.router,
        takedowns.router,
        revisions.router,
        flagging.router,
        mistakes.router,
        imports.router,
        import_reading.router,
        import_mappings.router,
        health.router,
        officer_page.router,
        officer_device.router,
        officer_pack.router,
        provider_page.router,
        provider_files.router,
        curator.router,
        curator_reviews.router,
        curator_records.router,
        curator_imports.router,
        curator_access.router,
        curator_counted.router,
        curator_files.router,
        service_page.router,
        information.router,
        pages.router,
        widget.router,
    ):
        app.include_router(router)
    install_documents(app)
    # A broken file of the widget stops the service here, and not its first visitor.
    widget.released()
    return app
