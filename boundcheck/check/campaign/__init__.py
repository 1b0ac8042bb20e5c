"""Campaigns: points run in batches, kept in a store, concluded one by one."""
