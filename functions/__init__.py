"""Inkloop: draw a symbol, see what two networks make of it, correct them, watch them learn.

The map, top to bottom in the order of imports: code imports only from what stands below it in this list.
``tests/test_layers.py`` reads the list from here and compares the one in ``docs/architecture.md`` with it.

- ``app``: wires a web process.
- ``supervise``: keeps the web server and the worker running on one machine.
- ``web``: HTTP in, HTTP out: the API, the pages, security.
- ``worker``: the background process.
- ``cli``: the owner's tool.
- ``verbs``: contribute, predict, correct, learn, withdraw and the owner's actions: one transaction each.
- ``dataset``: labelled drawings: admitted, assessed, split into train, validation and test; gold questions.
- ``training``: a run, in order: plan, training set, quick or full lane, saved version, model card, publication.
- ``serving``: this process's live networks, and what a visitor's own drawings add to an answer.
- ``jobs``: runs, leases, heartbeats, reconciliation.
- ``registry``: symbol sets, versions, artefacts, unlearning.
- ``learners``: networks: pretrained, fine-tuned, gated, evaluated; arrays and Keras, no SQL.
- ``records``: SQL: tables, queries, the outbox.
- ``compute``: maps a function over tasks, in this process or on a Ray cluster.
- ``store``: objects in a folder or an S3 bucket.
- ``telemetry``: what follows a request through the processes: its id, spans of a trace, reports of errors.
- ``settings``: the only reader of the environment.
- ``web_settings``: the web's address, its prefix, the sites that may call the API, and the secret key, checked.
- ``service_urls``: the addresses of the database, the bucket and Redis, checked.
- ``domain``: pure values: drawings, trust, monitoring, symbols, answers, personalisation, prompts.
- ``errors``: the named situations.
"""
