"""The acts that each changing view of the owner's writes into the audit log: the one table, which a test walks."""

from __future__ import annotations

# A view may write one of several acts. With none it says why: what it does is a part of an act that is written elsewhere.
AUDITED: dict[str, tuple[str, ...]] = {
    "admin.activate": ("version_activated",),
    "admin.add_label": ("label_added",),
    "admin.cancel_run": ("run_cancelled",),
    "admin.change_label": ("set_changed",),
    "admin.change_set": ("set_changed",),
    "admin.create_set": ("set_created",),
    "admin.delete_set": ("set_deleted",),
    "admin.login": ("signed_in", "sign_in_failed"),
    "admin.logout": ("signed_out", "signed_out_everywhere"),
    "admin.make_webhook": ("webhook_made",),
    "admin.moderate": ("sample_accepted", "sample_rejected", "sample_relabelled", "samples_accepted", "samples_rejected"),
    "admin.remove_webhook": ("webhook_removed",),
    "admin.retract": ("contributor_retracted",),
    "admin.revoke": ("token_revoked",),
    "admin.run": ("run_requested",),
    "admin.test_webhook": ("webhook_tested",),
    "admin.token": ("token_made",),
    "admin.undo_decision": ("decision_undone", "decisions_undone"),
    "api.activate": ("version_activated",),
    "api.change_symbol_set": ("set_changed",),
    "api.create_symbol_set": ("set_created",),
    "api.decide": ("sample_accepted", "sample_rejected", "sample_relabelled"),
    "api.delete_symbol_set": ("set_deleted",),
    "api.import_part": ("import_begun",),  # the last part
    "api.make_webhook": ("webhook_made",),
    "api.remove_export": ("export_deleted",),
    "api.remove_webhook": ("webhook_removed",),
    "api.retract_contributor": ("contributor_retracted",),
    "api.start_export": ("export_requested",),
    "api.start_import": ("import_requested",),
    "api.start_run": ("run_requested",),
    "api.test_webhook": ("webhook_tested",),
    "api.withdraw": ("sample_withdrawn",),
}
