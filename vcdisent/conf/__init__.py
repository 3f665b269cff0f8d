"""Hydra's configuration groups, shipped as package data."""
