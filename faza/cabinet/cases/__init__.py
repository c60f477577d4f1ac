"""What somebody asks or contests about their readings: the list, a new case, the talk of one."""
