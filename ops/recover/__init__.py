"""After a killed update: what it was making is found, and taken into the state or made anew."""
