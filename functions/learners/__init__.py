"""Build, train and judge networks. The only room that imports keras and tensorflow; ``seeds``, ``squares`` and ``gate`` do not.

- ``squares``: labelled squares. ``seeds``: the versions, rehearsal and hold-out squares that ship in ``models/``.
- ``architectures``: the networks. ``augment``: what is done to squares before a network learns from them.
- ``training``: the trainer, which knows no network; ``checkpoint``: what it goes on from; ``devices``: where it runs.
  ``fine_tuning``, ``averaging``, ``rehearsal``, ``desk``, ``settling``, ``teacher``: learning from people;
  ``founding``: a set's first network; ``growing``: a label more.
- ``calibration``, ``evaluate``, ``gate``, ``statistics``: how good a version is, and whether it may answer.
- ``labelled`` and its readers, ``asking``, ``judgement``, ``reliability``, ``pictures``: judging a version on any labelled file.
- ``artefact``: a version as bytes: weights (npz) and LiteRT (tflite).
- ``sources``, ``near_duplicates``, ``base``, ``card``, ``commands``: how the shipped networks were made.
"""
