"""Measures: verification, conversion, pictures, reports. They take models and arrays, never paths."""
