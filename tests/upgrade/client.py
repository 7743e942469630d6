"""People and the owner of a running platform, as its HTTP API and its owner's page see them."""

from __future__ import annotations

import re
from typing import Any

import requests

Strokes = list[list[list[float]]]
PATIENCE = 60  # seconds for one answer


class Visitor:
    """A person with a browser's cookie at one network address; the platform is told to believe ``X-Forwarded-For``."""

    def __init__(self, url: str, address: str, token: str | None = None, cookie: str | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["X-Forwarded-For"] = address
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"
        if cookie is not None:
            self.session.headers["Cookie"] = f"inkloop_contributor={cookie}"

    @property
    def cookie(self) -> str:
        """What the platform knows this person by."""
        return str(self.session.cookies["inkloop_contributor"])

    def get(self, path: str, **query: str | int) -> Any:
        """Return the JSON at an address of the API."""
        return self.call("GET", path, params=query)

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Ask the API and return the JSON that it answers; fail where it refuses."""
        answer = self.session.request(method, f"{self.url}/api/v1{path}", timeout=PATIENCE, **more)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def contribute(self, strokes: Strokes, label: str, set_name: str = "digits", key: str | None = None) -> dict[str, Any]:
        """Give a drawing with its label."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.call("POST", f"/sets/{set_name}/samples", json={**drawing(strokes), "label": label}, headers=headers)

    def predict(self, strokes: Strokes, set_name: str = "digits", consent: bool = True, adapt: bool = True) -> dict[str, Any]:
        """Ask what a drawing is."""
        fields = {**drawing(strokes), "consent": consent, "adapt": adapt}
        return self.call("POST", f"/sets/{set_name}/predictions", json=fields)

    def correct(self, prediction: str, **said: str | None) -> dict[str, Any]:
        """Say what a prediction's drawing is: ``label=`` or ``verdict="right"``."""
        return self.call("POST", f"/predictions/{prediction}/correction", json=said)

    def predict_and_correct(self, strokes: Strokes, **said: str | None) -> dict[str, Any]:
        """Ask what a drawing is, and say what it is."""
        return self.correct(self.predict(strokes)["id"], **said)

    def withdraw(self, sample: str, receipt: str) -> dict[str, Any]:
        """Take a drawing back."""
        return self.call("DELETE", f"/samples/{sample}", params={"receipt": receipt})


class Owner:
    """The owner, signed in on the owner's page."""

    def __init__(self, url: str, password: str) -> None:
        self.url, self._session = url, requests.Session()
        answer = self._session.post(f"{url}/admin/login", data={"password": password}, timeout=PATIENCE)
        assert answer.ok, answer.status_code
        self._csrf = re.search(r'name="csrf" value="([^"]+)"', answer.text)[1]

    def moderate(self, sample: str, decision: str) -> None:
        """Accept or reject a sample that waits."""
        fields = {"csrf": self._csrf, "sample": sample, "decision": decision}
        assert self._session.post(f"{self.url}/admin/moderate", data=fields, timeout=PATIENCE).ok

    def page(self, path: str) -> requests.Response:
        """Return a page as the owner sees it."""
        return self._session.get(f"{self.url}{path}", timeout=PATIENCE)


def drawing(strokes: Strokes) -> dict[str, Any]:
    """Return strokes on a canvas of 280 x 280 as the API takes them."""
    return {"strokes": strokes, "width": 280, "height": 280, "pointer": "pen"}
