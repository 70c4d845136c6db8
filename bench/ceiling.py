"""The ceiling: what a plain FastAPI application with one constant route reaches, and nothing can be faster than that."""

from fastapi import FastAPI


def create_ceiling() -> FastAPI:
    """An application whose only route, `GET /constant`, answers a constant."""
    app = FastAPI()

    @app.get("/constant")
    async def constant() -> dict[str, str]:
        return {"status": "ok"}

    return app
