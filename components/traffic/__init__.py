"""Traffic rules in every cluster that has an istiod to read them."""
