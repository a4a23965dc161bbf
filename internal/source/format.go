package source

// Format is what a record came in.
type Format uint8

// The formats.
const (
	// Basic is lines of text as Linux netconsole sends them by default.
	Basic Format = iota
	// Extended is netconsole's format with numbers, levels and a dictionary.
	Extended
	// Sealed is gasp's format under a device's key.
	Sealed
	// Syslog is RFC 3164 or RFC 5424.
	Syslog
)

var formatNames = [...]string{Basic: "basic", Extended: "extended", Sealed: "sealed", Syslog: "syslog"}

// String is the format as programs read it: "basic", "extended", "sealed", "syslog".
func (f Format) String() string { return formatNames[f] }

// HasLevel says whether the record's level and facility are known.
func (r *Record) HasLevel() bool { return r.Extended || r.Format == Syslog }
