"""A worker whose trainers take a second or two and need no TensorFlow, so that a test can kill it in the middle of a training."""

import sys

from functions.worker.__main__ import main
from tests.support.fake_trainers import FakeTrainer, FakeTrainerPool

if __name__ == "__main__":
    sys.exit(main(["--cold"], FakeTrainerPool(fnn=FakeTrainer(seconds=1.0), cnn=FakeTrainer(seconds=1.0))))
