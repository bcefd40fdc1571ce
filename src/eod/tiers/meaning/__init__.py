"""Whether anything but comments, white space and formatting changed."""
