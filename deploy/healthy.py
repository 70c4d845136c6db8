"""Whether the service in this container answers; its exit status is the container's health."""

import http.client
import os
import sys

TIMEOUT_S = 3


def is_ready(port: int) -> bool:
    """Whether `/health/ready` on this machine says 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_ready(int(os.environ.get("DIRECTORY_PORT", "8000"))))
