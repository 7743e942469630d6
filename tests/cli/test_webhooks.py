from __future__ import annotations

import json


def test_a_webhook_is_added_listed_tested_and_removed(call, database):
    status, secret, said = call("webhook", "add", "https://bot.example/x", "--event", "version.live")
    assert status == 0
    assert secret.startswith("whsec_")
    listed = json.loads(call("webhooks", "--json")[1])
    assert listed["id"] in said
    assert (listed["events"], listed["tried"], listed["waiting"]) == (["version.live"], None, 0)
    assert secret.strip() not in call("webhooks")[1]
    assert call("webhook", "test", listed["id"])[0] == 0
    assert "never tried  1 wait" in call("webhooks")[1]
    assert call("webhook", "remove", listed["id"])[0] == 0
    assert call("webhook", "test", listed["id"]) == (2, "", "There is no webhook with that id.\n")
    assert call("webhook", "add", "https://u:p@bot.example")[0] == 2
