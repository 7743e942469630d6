"""Descriptions of views, from which the OpenAPI document is generated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Operation:
    """One call of the API. ``errors`` are its error statuses, without 429, 500 and 503, which every call may have."""

    summary: str
    answer: type[BaseModel] | str  # a schema, or the content type of bytes
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    octets: int = 0  # the body is application/octet-stream with at most so many bytes
    drawing: bool = False  # the body may also be multipart/form-data or a bare image/png

    def __call__(self, view: View) -> View:
        """Attach the description to a view, as its decorator."""
        view.operation = self  # type: ignore[attr-defined]
        return view
