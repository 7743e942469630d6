from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

# What the contract with the outside promises; readings come later.
CONTRACT = {
    ("GET", "/api/v1/sets"): 200,
    ("POST", "/api/v1/sets/{set_name}/samples"): 201,
    ("GET", "/api/v1/sets/{set_name}/samples"): 200,
    ("GET", "/api/v1/samples/{sample_id}"): 200,
    ("GET", "/api/v1/samples/{sample_id}.png"): 200,
    ("GET", "/api/v1/samples/{sample_id}/drawing"): 200,
    ("GET", "/api/v1/samples/{sample_id}/answers"): 200,
    ("GET", "/api/v1/contributors/me/samples"): 200,
    ("POST", "/api/v1/samples/{sample_id}/decision"): 200,
    ("POST", "/api/v1/samples/{sample_id}/report"): 202,
    ("DELETE", "/api/v1/samples/{sample_id}"): 202,
    ("DELETE", "/api/v1/contributors/me/samples"): 202,
    ("POST", "/api/v1/contributors/{contributor}/retraction"): 202,
    ("POST", "/api/v1/sets/{set_name}/predictions"): 200,
    ("POST", "/api/v1/predictions/{prediction_id}/correction"): 202,
    ("POST", "/api/v1/sets/{set_name}/explanations"): 200,
    ("POST", "/api/v1/sets/{set_name}/readings"): 200,
    ("POST", "/api/v1/sets/{set_name}/readings/cuts"): 200,
    ("GET", "/api/v1/audit"): 200,
    ("GET", "/api/v1/audit.csv"): 200,
    ("POST", "/api/v1/sets"): 201,
    ("PATCH", "/api/v1/sets/{set_name}"): 200,
    ("DELETE", "/api/v1/sets/{set_name}"): 200,
    ("GET", "/api/v1/sets/{set_name}/prompts"): 200,
    ("GET", "/api/v1/sets/{set_name}/check"): 200,
    ("POST", "/api/v1/sets/{set_name}/check"): 200,
    ("GET", "/api/v1/sets/{set_name}/versions"): 200,
    ("GET", "/api/v1/versions/{version_id}"): 200,
    ("GET", "/api/v1/versions/{version_id}/artefact"): 200,
    ("GET", "/api/v1/versions/{version_id}/weights"): 200,
    ("GET", "/api/v1/versions/{version_id}/tfjs/model.json"): 200,
    ("GET", "/api/v1/versions/{version_id}/tfjs/weights.bin"): 200,
    ("POST", "/api/v1/versions/{version_id}/activation"): 200,
    ("GET", "/api/v1/sets/{set_name}/runs"): 200,
    ("GET", "/api/v1/runs/{run_id}"): 200,
    ("POST", "/api/v1/sets/{set_name}/runs"): 202,
    ("GET", "/api/v1/sets/{set_name}/networks"): 200,
    ("GET", "/api/v1/sets/{set_name}/metrics"): 200,
    ("GET", "/api/v1/webhooks"): 200,
    ("POST", "/api/v1/webhooks"): 201,
    ("POST", "/api/v1/webhooks/{webhook_id}/test"): 202,
    ("DELETE", "/api/v1/webhooks/{webhook_id}"): 200,
    ("GET", "/api/v1/sets/{set_name}/export"): 200,
    ("POST", "/api/v1/sets/{set_name}/imports"): 202,
    ("POST", "/api/v1/imports/{run_id}/parts/{number}"): 200,
    ("GET", "/api/v1/imports/{run_id}"): 200,
    ("POST", "/api/v1/sets/{set_name}/exports"): 202,
    ("GET", "/api/v1/exports/{run_id}"): 200,
    ("GET", "/api/v1/exports/{run_id}/files/{number}"): 200,
    ("DELETE", "/api/v1/exports/{run_id}"): 200,
}


def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json


def test_the_document_describes_exactly_the_contract(client: FlaskClient) -> None:
    paths = document(client)["paths"]
    described = {
        (method.upper(), path): min(int(status) for status in operation["responses"])
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    assert described == CONTRACT


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.endpoint != "openapi.document":
            assert hasattr(app.view_functions[rule.endpoint], "operation"), rule.rule


def test_every_reference_leads_somewhere(client: FlaskClient) -> None:
    whole = document(client)

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    found = set(references(whole))
    assert found
    for reference in found:
        assert reference.removeprefix("#/components/schemas/") in whole["components"]["schemas"]


def test_the_owners_calls_say_so(client: FlaskClient) -> None:
    paths = document(client)["paths"]
    guarded = {
        path
        for path, operations in paths.items()
        for operation in operations.values()
        if {"session": [], "csrf": []} in operation.get("security", [])
    }
    assert guarded == {
        "/api/v1/audit",
        "/api/v1/audit.csv",
        "/api/v1/sets",
        "/api/v1/sets/{set_name}",
        "/api/v1/versions/{version_id}/activation",
        "/api/v1/sets/{set_name}/exports",
        "/api/v1/sets/{set_name}/imports",
        "/api/v1/imports/{run_id}",
        "/api/v1/imports/{run_id}/parts/{number}",
        "/api/v1/exports/{run_id}",
        "/api/v1/sets/{set_name}/runs",
        "/api/v1/contributors/{contributor}/retraction",
        "/api/v1/samples/{sample_id}/decision",
        "/api/v1/webhooks",
        "/api/v1/webhooks/{webhook_id}",
        "/api/v1/webhooks/{webhook_id}/test",
    }


def test_the_documents_fields_are_the_answers_fields(client: FlaskClient) -> None:
    whole = document(client)
    schemas = whole["components"]["schemas"]
    (digits,) = client.get("/api/v1/sets").json["sets"]
    assert set(digits) == set(schemas["SetOut"]["properties"])
    version = client.get("/api/v1/versions/digits-cnn-1").json
    assert set(version) == set(schemas["VersionWithCard"]["properties"])
    assert schemas["SampleBody"]["additionalProperties"] is False
    assert schemas["SampleBody"]["required"] == ["label"]
