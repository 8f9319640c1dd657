"""Commands of the console script `gradus`, one file each."""
