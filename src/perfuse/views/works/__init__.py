"""The six works that the evidence lab reproduces, one file each, and the page that holds them."""
