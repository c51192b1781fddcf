"""A SOCKS proxy served by `ssh -D` in the background, one for each local port."""
