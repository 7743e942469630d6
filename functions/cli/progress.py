"""The progress bar of a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from functions.domain.run_step import Step


@contextmanager
def progress_bar() -> Iterator[Callable[[float, str | Step], None]]:
    """Show a bar; yield a function that takes the share that is done (0..1), and the step."""
    with tqdm(total=1.0, unit="", bar_format="{l_bar}{bar}| {desc}") as bar:

        def show(share: float, step: str | Step) -> None:
            bar.set_description_str(str(step), refresh=False)
            bar.update(share - bar.n)

        yield show
