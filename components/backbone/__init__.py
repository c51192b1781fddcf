"""What joins the regions: a DRG in each and a remote peering for every pair."""
