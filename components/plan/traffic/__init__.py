"""What follows from the settings of traffic: Istio's objects, and what they mean for a client."""
