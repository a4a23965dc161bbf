package qemu

// Monitor sends a command of QEMU's machine protocol and waits for its answer, bounded. Arguments are encoded, and the
// answer decoded into result, as JSON; either may be nil. Errors wrap ErrMonitor or ErrMonitorGone.
func (r *Run) Monitor(command string, arguments, result any) error {
	return r.monitor.command(command, arguments, result)
}

// Human sends a line of the human monitor, for what the machine protocol lacks ("mce 0 1 ..."), and returns its output.
func (r *Run) Human(line string) (output string, err error) {
	err = r.Monitor("human-monitor-command", map[string]any{"command-line": line}, &output)
	return output, err
}

// InjectNMI sends an interrupt that masks do not stop to the machine's CPUs, as a front panel's button would; on an Arm machine that
// is its power key.
func (r *Run) InjectNMI() error {
	if t, err := TypeOf(r.machine.Type); err == nil && t.Arch != "amd64" {
		return r.Monitor("system_powerdown", nil, nil)
	}
	return r.Monitor("inject-nmi", nil, nil)
}

// SetLink plugs the NIC's cable in or pulls it.
func (r *Run) SetLink(up bool) error {
	return r.Monitor("set_link", map[string]any{"name": "net", "up": up}, nil)
}

// Reset presses the reset button. A machine without Reboot ends with the reason "host-qmp-system-reset".
func (r *Run) Reset() error { return r.Monitor("system_reset", nil, nil) }

// Quit ends QEMU in order; Wait then returns the reason "host-qmp-quit".
func (r *Run) Quit() error { return r.Monitor("quit", nil, nil) }
