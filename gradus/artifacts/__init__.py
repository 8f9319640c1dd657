"""Every file that gradus writes: where it may stand, how it is sealed, what is in it."""
