from __future__ import annotations

import subprocess

import pytest

from functions.cli.__main__ import main


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_can_load_the_completion(capsys, shell):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "rollback" in script
    assert "--scope" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=60)
