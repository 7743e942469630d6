"""Requests made from the served OpenAPI document, right ones and wrong ones: no answer is a 5xx, and each fits the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SOME, MANY = 6, 450  # requests of each operation: 20,000 in all


@pytest.fixture
def operations(app: Flask) -> Iterator[list[Any]]:
    """The operations of the document."""
    found = [result.ok() for result in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app).get_all_operations()]
    assert len(found) >= 20
    yield found


@pytest.mark.parametrize("each", [SOME, pytest.param(MANY, marks=(pytest.mark.torture, pytest.mark.timeout(1800)))])
def test_every_operation_answers_any_request_as_its_document_says(
    operations: list[Any], owner: dict[str, str], each: int
) -> None:
    sent = 0
    for operation in operations:
        right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @settings(max_examples=each, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=st.one_of(right, wrong), headers=st.sampled_from([{}, owner]))
        def ask(case: Any, headers: dict[str, str]) -> None:
            nonlocal sent
            sent += 1
            case.call_and_validate(headers=headers, checks=CHECKS)

        ask()
    print(f"\n{sent:,} requests of {len(operations)} operations, each answered as the document says")
    assert sent >= (20_000 if each == MANY else len(operations) * each / 2)
