"""Say how good answers are. Pure; no keras here."""

from __future__ import annotations
