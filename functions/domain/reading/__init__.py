"""Read a line of writing, a whole number or a word: cut it into glyphs that a network knows. Pure."""

from functions.domain.reading.pictured import Pictured
from functions.domain.reading.pieces import Box, Group, Writing
from functions.domain.reading.read import MOST_GLYPHS, Ask, Cut, cut_in_two, read
from functions.domain.reading.written import Written

__all__ = ["MOST_GLYPHS", "Ask", "Box", "Cut", "Group", "Pictured", "Writing", "Written", "cut_in_two", "read"]
