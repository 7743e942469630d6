"""Build, train, gate and evaluate networks: arrays and Keras, no SQL.

Only ``networks``, ``continual`` and ``pretraining`` import Keras. The other packages run without TensorFlow.

- ``continual``: learning from people. ``protocol`` says what a run asks of a trainer; ``fine_tuner`` does it, with replay, weight
  averaging and the selection of a share.
- ``pretraining``: the networks that ship: sources, near duplicates, negatives, mixture, training, and the files in ``models/``.
- ``gate``: the statistical tests that a version must pass before it is activated, and their reasons.
- ``evaluation``: metrics, reliability and plots of a version on any labelled file; ``readers`` read the file.
- ``networks``: architectures, the trainer (which knows no network), pixel augmentation, devices, checkpoints, export.
- ``squares``: labelled squares: what ships, sampling, stroke augmentation and augmented copies.
- ``calibration``: temperature, threshold, and probabilities from logits. ``litert``: runs an exported network.
"""
