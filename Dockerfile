# The service in a container: an unprivileged user, a root file system that may be read-only, one writable volume.
#
#   docker build -t support-directory .
#   docker run --read-only --tmpfs /tmp -v directory:/data -p 127.0.0.1:8000:8000 \
#       -e DIRECTORY_PUBLIC_URL=https://directory.example.org support-directory
#
# The steps are scripts in deploy/, which deploy/rehearse.py runs without a container engine.

FROM python:3.11-slim-bookworm AS builder
WORKDIR /opt/directory
# Libraries first: they change less often than the code, and this layer is kept.
COPY pyproject.toml uv.lock ./
COPY deploy/build deploy/uv.txt deploy/
RUN ["deploy/build", "libraries", "/opt/venv"]
COPY . .
RUN ["deploy/build", "application", "/opt/venv"]

FROM python:3.11-slim-bookworm
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /opt/directory /opt/directory
# The volume starts as this folder is: owned by the service's user, closed to others.
RUN ["install", "--directory", "--owner=10001", "--group=10001", "--mode=0700", "/data"]
WORKDIR /opt/directory
# Inside a container every address is its own: what reaches it is decided by the published port.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DIRECTORY_DATA_DIR=/data \
    DIRECTORY_HOST=0.0.0.0 \
    DIRECTORY_PORT=8000
VOLUME ["/data"]
EXPOSE 8000
# By number, so that a platform can see that it is not root.
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "/opt/directory/deploy/healthy.py"]
ENTRYPOINT ["/opt/directory/deploy/start"]
