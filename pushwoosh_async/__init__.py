"""Async client for the Pushwoosh Remote API."""
