"""Campaigns: many points of theorems and networks, described before any of them is run."""

from boundcheck.statement.campaign.campaign import Campaign
from boundcheck.statement.campaign.reading import load_campaign
from boundcheck.statement.campaign.study import Study

__all__ = ["Campaign", "Study", "load_campaign"]
