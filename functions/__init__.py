"""Inkloop: draw a symbol, see what two networks make of it, correct them, watch them learn.

The map, from the outside in (imports point downwards only; ``tests/test_layers.py`` enforces it):

- ``app`` wires everything together; ``web`` turns HTTP into calls of the verbs.
- ``worker`` does the background work; ``cli`` is the owner's tool.
- The verbs, one module each: ``contribute``, ``predict``, ``correct``, ``learn``, ``withdraw``, ``moderate``,
  ``second_look``, ``check``, ``sets``, ``reindex``, ``repeat``; ``judging`` judges a version on any labelled file.
- ``weighing`` asks networks, evidence and ``trust`` about a labelled drawing; ``known`` has drawings whose label is certain.
- ``sides`` decides whose drawings teach and whose judge, ``lessons`` gathers what a run learns from, ``tasks`` decides what each
  learner does with it, ``slow`` trains on everything, ``keeping`` keeps what comes of it, ``school`` has the teachers.
- ``growth`` knows when a set is worth a slow run.
- ``registry`` knows which versions exist and which one answers.
- ``forgetting`` knows which version never saw what was withdrawn.
- ``pictures`` knows where a kept drawing's picture is just now.
- ``visitors_hands`` knows visitors' own drawings by their ``embedding`` in a network; ``personal`` lets them have a say in an
  answer.
- ``runtime`` holds this process's live networks, ``litert`` asks one; ``jobs`` knows which run may work.
- ``learners`` builds, trains and judges networks (the only place that imports keras).
- ``store`` keeps objects; ``records`` keeps rows.
- ``watching`` makes figures of what people said about answers; ``prompts`` says what to ask people for.
- ``drawing``, ``symbols``, ``answer``, ``personal``, ``trust``, ``watching``, ``prompts`` and ``errors`` are pure: values in,
  values out.
"""
