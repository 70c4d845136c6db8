"""Forms of pages: read as strictly as the API reads bodies, as dependencies that say which form they read."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.strict import read_form, refuse_parameters
from app.errors import Problem


class PageForm(BaseModel):
    """Base of every form: no unknown field, and errors that hold nothing of what was typed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, cache_strings="none")


def _code_of_link(text: str) -> str:
    return text.strip().rpartition("#")[2]


CodeOrLink = Annotated[str, Field(max_length=1000), AfterValidator(_code_of_link)]
"""A key or a one-time code. Without a script people paste the whole link, whose code stands behind the `#`."""


@dataclass(frozen=True, slots=True)
class FormReader:
    """The dependency behind `form_of`. `with_key`: a key belongs in it, to sign in with."""

    shape: type[PageForm]
    with_key: bool = False

    async def __call__(self, request: Request) -> PageForm:
        refuse_parameters(request)
        return await read_form(request, self.shape, with_key=self.with_key)


class FormOrProblemReader(FormReader):
    """The same, with what is wrong as a value: the page has something to say whatever was sent."""

    async def __call__(self, request: Request) -> PageForm | Problem:  # type: ignore[override]
        try:
            return await FormReader.__call__(self, request)
        except Problem as problem:
            return problem


def form_of(shape: type[PageForm]) -> Any:
    """For an annotation: the form that was sent. Raises what reading a form raises."""
    return Depends(FormReader(shape))


def form_or_problem(shape: type[PageForm], *, with_key: bool = False) -> Any:
    """For an annotation of `shape | Problem`."""
    return Depends(FormOrProblemReader(shape, with_key))
