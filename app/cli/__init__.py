"""`directory`: the service's command line. Here is only how it begins and ends: its commands take a second to be imported,
in which somebody may already press Ctrl-C.
"""

import os
import signal
import sys


def main() -> None:
    """Entry point of the `directory` command. Ctrl-C ends it with 130, as a shell expects, and without a traceback."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.unraisablehook = _do_not_ignore
    try:
        from app.cli.commands import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


def _do_not_ignore(ignored: "sys.UnraisableHookArgs") -> None:
    """Where Python cannot raise anything, as in a finalizer, it would drop Ctrl-C, and a service that is starting would go on."""
    if ignored.exc_type is KeyboardInterrupt:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        sys.__unraisablehook__(ignored)
