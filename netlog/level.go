package netlog

import (
	"errors"
	"log/slog"
)

// Level is the severity of a record, with the numbers of syslog (RFC 5424,
// 6.2.1) and Linux (include/linux/kern_levels.h): 0 is the most severe.
type Level uint8

// The eight severities.
const (
	Emerg Level = iota
	Alert
	Crit
	Err
	Warning
	Notice
	Info
	Debug
)

// ErrLevel reports a level that is neither a number from 0 to 7 nor a name.
var ErrLevel = errors.New("netlog: unknown level: want 0 to 7 or emerg, alert, crit, err, warning, notice, info, debug")

var levelNames = [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

// String returns the level's name as syslog(3) spells it.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "invalid"
}

// ParseLevel reads a level as a number from 0 to 7 or as a name.
func ParseLevel(s string) (Level, error) {
	if len(s) == 1 && s[0] >= '0' && s[0] <= '7' {
		return Level(s[0] - '0'), nil
	}
	for i, name := range levelNames {
		if s == name {
			return Level(i), nil
		}
	}
	switch s {
	case "error":
		return Err, nil
	case "warn":
		return Warning, nil
	}
	return 0, ErrLevel
}

// fromSlog maps slog's open scale, on which four steps separate the named
// levels, to the next severity that is not above it.
func fromSlog(l slog.Level) Level {
	switch {
	case l < slog.LevelInfo:
		return Debug
	case l < slog.LevelInfo+2:
		return Info
	case l < slog.LevelWarn:
		return Notice
	case l < slog.LevelError:
		return Warning
	case l < slog.LevelError+4:
		return Err
	case l < slog.LevelError+8:
		return Crit
	}
	return Alert
}
