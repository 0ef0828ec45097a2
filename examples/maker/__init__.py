"""What `make_share.py` is built of: layout, scanning, and the documents themselves."""
