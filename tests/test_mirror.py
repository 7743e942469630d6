"""Tests mirror the package: ``functions/a/b.py`` has ``tests/a/test_b.py``, and ``benchmarks/a/`` has ``tests/benchmarks/a/``.

A test file that mirrors no module stands in MIRRORS_NOTHING with its reason. A module without a test file of its name stands in
TESTED_BY with the file that covers its behaviour. TESTED_BY only shrinks: a new module comes with its test file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS, PACKAGE = ROOT / "tests", ROOT / "functions"

# Test files, relative to tests/, and why they mirror no module.
MIRRORS_NOTHING = {
    "dataset/exchange/test_other_readers.py": "the programs that open exports",
    "domain/drawing/test_fuzzed_png.py": "pictures that a fuzzer makes",
    "domain/drawing/test_goldens.py": "pictures that stay as they are, drawn by several modules",
    "learners/evaluation/test_shipped_networks.py": "the files in models/",
    "learners/test_laws.py": "the laws that every learner obeys",
    "learners/networks/test_training_devices.py": "training.py on several devices, in processes of their own",
    "learners/networks/test_training_interrupted.py": "training.py after a kill, in a process of its own",
    "store/test_contract.py": "one contract for every store",
    "test_api_examples.py": "the examples in docs/api.md",
    "test_deploy.py": "the files of the platforms",
    "test_docs.py": "docs/",
    "test_examples.py": "the examples in docstrings",
    "test_guides.py": "the commands and blocks of docs/",
    "test_image.py": "what the image runs",
    "test_layers.py": "the order of imports",
    "test_many_processes.py": "three web servers and three workers",
    "test_mirror.py": "the tests themselves",
    "test_procfile.py": "the Procfile",
    "test_ray_cluster.py": "a Ray cluster of two nodes",
    "test_release.py": "web servers that are replaced under load, with a migration",
    "test_requirements.py": "the requirements files",
    "test_starts.py": "every process, with wrong settings",
    "test_web_only.py": "an environment without TensorFlow",
    "upgrade/test_upgrade.py": "the home of an earlier version",
    "verbs/test_learn_first_version.py": "learn.py with a real trainer",
    "verbs/test_learn_new_labels.py": "learn.py, where labels are added and sets begin",
    "verbs/test_withdraw_all.py": "withdraw.py, all samples of a contributor",
    "web/api/test_every_operation.py": "the OpenAPI document, operation by operation",
    "web/test_adaptation.py": "adaptation to a visitor, through the API",
    "web/test_attacks.py": "attacks on the whole app",
    "web/test_full_database.py": "the whole app, on a database without room",
    "web/test_no_tensorflow.py": "what a web process loads",
    "web/pages/test_query_plans.py": "the queries of pages and lists",
    "web/security/test_hostile_headers.py": "every header, through the whole app",
    "web/test_sub_path.py": "the whole app below a prefix",
    "web/test_slow_clients.py": "the platform under gunicorn, beside slow and many clients",
    "web/test_stalled_database.py": "the platform under gunicorn, on a PostgreSQL that is locked or has stopped",
    "web/test_pictures.py": "the pictures and strokes that strangers send, through the API",
    "web/test_on_servers.py": "the app on PostgreSQL and S3",
}
OTHER_MIRRORS = {
    "browser": "templates/ and static/, page by page",
    "benchmarks": "benchmarks/, folder by folder",
    "torture": "the whole platform, in processes that are killed",
}

# Modules, relative to functions/, and the test file that covers them.
TESTED_BY = {
    "app.py": "web/test_health.py",
    "cli/access.py": "cli/test_main.py",
    "cli/backup.py": "cli/test_exchange.py",
    "cli/base_models.py": "learners/pretraining/test_pretrain.py",
    "cli/object_store.py": "cli/test_main.py",
    "compute/messages.py": "compute/test_ray_mapper.py",
    "compute/ray_driver.py": "compute/test_ray_mapper.py",
    "dataset/admit.py": "verbs/test_contribute.py",
    "dataset/assess.py": "verbs/test_contribute.py",
    "dataset/exchange/file_tree.py": "dataset/exchange/test_read_dataset.py",
    "dataset/exchange/incoming.py": "dataset/exchange/test_read_dataset.py",
    "dataset/exchange/read_arrays.py": "dataset/exchange/test_read_dataset.py",
    "dataset/exchange/read_lines.py": "dataset/exchange/test_read_dataset.py",
    "dataset/exchange/read_parquet.py": "dataset/exchange/test_read_dataset.py",
    "dataset/exchange/read_pictures.py": "dataset/exchange/test_read_dataset.py",
    "dataset/exchange/prepared.py": "verbs/test_import_dataset.py",
    "records/imported_samples.py": "verbs/test_import_dataset.py",
    "dataset/gold_questions.py": "web/api/test_gold_questions.py",
    "dataset/labelled_drawing.py": "verbs/test_contribute.py",
    "dataset/pictures.py": "verbs/test_correct.py",
    "dataset/stored_drawings.py": "verbs/test_audit.py",
    "domain/drawing/ink.py": "domain/drawing/test_render.py",
    "domain/drawing/ink_extraction.py": "domain/drawing/test_png.py",
    "domain/drawing/png_chunks.py": "domain/drawing/test_png.py",
    "domain/trust/evidence.py": "domain/trust/test_rules.py",
    "domain/trust/perceptual_hash.py": "domain/trust/test_rules.py",
    "domain/trust/plausibility.py": "domain/trust/test_rules.py",
    "domain/trust/recheck.py": "verbs/test_recheck.py",
    "errors.py": "web/test_errors.py",
    "jobs/heartbeat.py": "worker/test_loops.py",
    "jobs/leases.py": "jobs/test_runs.py",
    "jobs/reconcile.py": "jobs/test_runs.py",
    "learners/continual/bootstrap.py": "verbs/test_learn_first_version.py",
    "learners/continual/protocol.py": "learners/continual/test_fine_tuner.py",
    "learners/continual/retrain.py": "training/test_full_lane.py",
    "learners/continual/selection.py": "learners/continual/test_fine_tuner.py",
    "learners/continual/workspace.py": "learners/continual/test_fine_tuner.py",
    "learners/evaluation/readers/arrays.py": "learners/evaluation/readers/test_read.py",
    "learners/evaluation/readers/drawings.py": "learners/evaluation/readers/test_read.py",
    "learners/evaluation/readers/entries.py": "learners/evaluation/readers/test_read.py",
    "learners/evaluation/report.py": "learners/evaluation/test_metrics.py",
    "learners/gate/paired.py": "learners/gate/test_decide.py",
    "learners/gate/rules.py": "learners/gate/test_decide.py",
    "learners/litert.py": "learners/evaluation/test_shipped_networks.py",
    "learners/networks/devices.py": "learners/networks/test_training_devices.py",
    "learners/pretraining/characters.py": "learners/pretraining/test_pretrain.py",
    "learners/pretraining/collection.py": "learners/pretraining/test_pretrain.py",
    "learners/pretraining/digits.py": "learners/pretraining/test_pretrain.py",
    "learners/pretraining/negatives.py": "learners/squares/test_stroke_augment.py",
    "learners/pretraining/write_models.py": "learners/pretraining/test_pretrain.py",
    "records/changes.py": "jobs/test_wakeups.py",
    "records/contributors.py": "web/security/test_identity.py",
    "records/drawings.py": "verbs/test_contribute.py",
    "records/reports.py": "verbs/test_report.py",
    "records/evidence_log.py": "records/test_evidence.py",
    "records/objects.py": "verbs/test_reindex.py",
    "records/password.py": "cli/test_main.py",
    "records/runs.py": "jobs/test_runs.py",
    "records/split_assignments.py": "dataset/test_splits.py",
    "records/table_dump.py": "verbs/test_backup.py",
    "records/tables.py": "records/test_migrate.py",
    "records/training_samples.py": "dataset/test_splits.py",
    "records/visitor_examples.py": "serving/test_visitor_examples.py",
    "registry/stored_versions.py": "verbs/test_audit.py",
    "registry/version_facts.py": "registry/test_restore.py",
    "serving/live_state.py": "serving/test_live_models.py",
    "records/withdrawals.py": "registry/test_unlearning.py",
    "registry/artefacts.py": "registry/test_versions.py",
    "registry/seed.py": "registry/test_versions.py",
    "registry/symbol_sets.py": "verbs/test_define.py",
    "store/base.py": "store/test_contract.py",
    "supervise.py": "test_main.py",
    "training/lanes.py": "dataset/test_splits.py",
    "training/model_card.py": "verbs/test_reproduce.py",
    "training/plan.py": "verbs/test_learn.py",
    "training/publish.py": "verbs/test_learn.py",
    "training/readiness.py": "verbs/test_define.py",
    "training/retrain_policy.py": "training/test_full_lane.py",
    "training/run_context.py": "verbs/test_learn.py",
    "training/save.py": "verbs/test_learn.py",
    "training/trainer_pool.py": "browser/test_loop.py",
    "training/training_set.py": "dataset/test_splits.py",
    "verbs/gold_answer.py": "web/api/test_gold_questions.py",
    "verbs/metrics.py": "web/api/test_present_metrics.py",
    "web/security/meeting_in_redis.py": "web/security/test_meeting_places.py",
    "web/api/exchange_schemas.py": "web/api/test_exports.py",
    "web/api/metrics_schemas.py": "web/api/test_versions.py",
    "web/api/operations.py": "web/api/test_openapi.py",
    "web/api/present.py": "web/api/test_samples.py",
    "web/api/request_schemas.py": "web/api/test_parse_request.py",
    "web/api/response_schemas.py": "web/api/test_openapi.py",
    "web/api/version_schemas.py": "web/api/test_versions.py",
    "web/pages/confusion.py": "web/pages/test_performance.py",
    "web/platform.py": "web/test_health.py",
    "web/platform_figures.py": "web/test_metrics_page.py",
    "web/security/address_block.py": "web/test_attacks.py",
    "worker/__main__.py": "worker/test_loops.py",
    "worker/run_ending.py": "worker/test_loops.py",
    "worker/prefetch.py": "learners/squares/test_augmented_copies.py",
}


def mirror(module: Path) -> str:
    """Return the test file of a module, both relative to their folders."""
    name = "main" if module.stem == "__main__" else module.stem
    return (module.parent / f"test_{name}.py").as_posix()


MODULES = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"}
FILES = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
MIRRORS = {module: mirror(Path(module)) for module in MODULES}


@pytest.mark.parametrize("file", sorted(file for file in FILES if file.split("/")[0] not in OTHER_MIRRORS))
def test_a_test_file_mirrors_a_module_or_says_why_not(file: str) -> None:
    roots = {mirror(path.relative_to(ROOT)) for path in ROOT.glob("*.py")}
    mirrors, listed = file in {*MIRRORS.values(), *roots}, file in MIRRORS_NOTHING
    assert mirrors != listed, "name it after the module that it tests, or give the reason in MIRRORS_NOTHING"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_has_a_test_file_of_its_name_or_names_another(module: str) -> None:
    has, listed = MIRRORS[module] in FILES, module in TESTED_BY
    assert has != listed, "it needs a test file of its name, and then no line in TESTED_BY"


def test_the_lists_name_only_what_is_there() -> None:
    assert set(TESTED_BY) <= MODULES
    assert set(TESTED_BY.values()) <= FILES
    assert set(MIRRORS_NOTHING) <= FILES
