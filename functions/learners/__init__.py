"""The only place that imports keras: architectures, augmentation, training, evaluation, the gate, artefacts."""
