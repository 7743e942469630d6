from __future__ import annotations

import re

from flask.testing import FlaskClient

from functions.records.tables import Webhook, now
from functions.web.platform import Platform
from tests.support.pages import sign_in


def test_the_owner_makes_tests_and_removes_a_webhook(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    asked = {"csrf": csrf, "url": "https://bot.example/<x>", "event": ["version.live", "export.ready"]}
    page = client.post("/admin/webhooks", data=asked, follow_redirects=True).text
    assert re.search(r"<code[^>]*>whsec_[^<]+</code>", page)
    assert "https://bot.example/&lt;x&gt;" in page
    page = client.get("/admin/webhooks").text
    assert "whsec_" not in page
    webhook = re.search(r'name="webhook" value="([0-9a-f]{32})"', page)[1]
    page = client.post("/admin/webhooks/test", data={"csrf": csrf, "webhook": webhook}, follow_redirects=True).text
    assert "Messages waiting: 1" in page
    with here.database.writing() as session:
        found = session.get_one(Webhook, webhook)
        found.tried, found.error, found.failing_since = now(), "The receiver answered 500.", now()
    page = client.get("/admin/webhooks").text
    assert "The receiver answered 500." in page
    assert "Failing since" in page
    question = client.get(re.search(r'href="(/admin/webhooks/[0-9a-f]{32}/removal)"', page)[1]).text
    assert "Remove the webhook to https://bot.example/&lt;x&gt;?" in question
    assert f'name="webhook" value="{webhook}"' in question
    page = client.post("/admin/webhooks/remove", data={"csrf": csrf, "webhook": webhook}, follow_redirects=True).text
    assert "There are no webhooks." in page
    for wrong in ({"url": "javascript:x"}, {"event": []}):
        assert client.post("/admin/webhooks", data={**asked, **wrong}).status_code == 400
