package source

// Snapshot is the report as it is now, for a sink that reads it while the table goes on: nothing of
// it changes any more. It allocates nothing. What is written into it, the table does not see.
func (c *Crash) Snapshot() Crash {
	s := *c
	// These change in place; no public method of a closed or open report reads them.
	s.got, s.damaged = spans{}, nil
	return s
}
