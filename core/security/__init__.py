"""Keys, sealed bytes, and names of hosts: what keeps strangers out."""
