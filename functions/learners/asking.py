"""Ask an exported network about many squares, as a server asks it about one. LiteRT alone: no keras here."""

from __future__ import annotations
