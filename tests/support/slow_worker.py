"""A worker whose teachers take a second or two and need no TensorFlow, so that a test can kill it in the middle of a lesson."""

import sys

from functions.worker.__main__ import main
from tests.support.fake_trainers import FakeSchool, FakeTeacher

if __name__ == "__main__":
    sys.exit(main(["--cold"], FakeSchool(fnn=FakeTeacher(seconds=1.0), cnn=FakeTeacher(seconds=1.0))))
