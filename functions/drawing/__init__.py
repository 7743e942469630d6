"""What people draw, as values: strokes, ink (280 x 280) and the square (28 x 28) that a network sees. Pure."""
