package source

var levels = [8]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}

// LevelName is the short name of a syslog severity, at most six letters.
func LevelName(level uint8) string { return levels[level&7] }
