package runtime

import "internal/runtime/kernel"

// gaspArguments is what the runtime finds where other systems have their stack's
// end: argc, argv, envp, auxv. gasp_entry_*.s reads it.
var gaspArguments kernel.Arguments

// gaspStartArguments runs before there is a g.
//
//go:nosplit
func gaspStartArguments() { gaspArguments.Fill(goosCommandLine(), gaspHWCap()) }
