"""What is to be known of each kind of model: one file each, found by its name. A file that has a PROFILE is one."""
