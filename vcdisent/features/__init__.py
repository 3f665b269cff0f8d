"""Waveforms to frames: torch spectrograms, WORLD, and the store that keeps them on disk."""
