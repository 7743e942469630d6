"""The cluster that the settings name."""

from __future__ import annotations

import importlib.util

import pytest

from functions.compute import RayMapper
from functions.errors import BadSettings
from functions.settings import Settings
from functions.training.cluster import open_cluster, require_ray


def test_without_the_setting_trials_are_computed_in_the_worker(tmp_path):
    assert open_cluster(Settings.from_env({"INKLOOP_HOME": str(tmp_path)})) is None


def test_a_node_gets_the_address_of_the_store_and_nothing_of_the_database(tmp_path):
    environ = {"INKLOOP_HOME": str(tmp_path), "INKLOOP_RAY": "ray://ray-head:10001", "S3_BUCKET": "drawings"}
    found = open_cluster(Settings.from_env({**environ, "AWS_SECRET_ACCESS_KEY": "the key"}))
    assert found is not None
    assert isinstance(found.mapper, RayMapper)
    assert found.store.bucket is not None
    assert (found.store.bucket.name, found.store.bucket.secret_key) == ("drawings", "the key")
    assert "the key" not in repr(found)


def test_a_setting_without_ray_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadSettings, match=r"requirements-ray\.txt"):
        require_ray()
