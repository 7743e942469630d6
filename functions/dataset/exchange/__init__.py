"""The dataset, out and in: one module for each format, one for the card, one for the samples, one for what is read back."""
