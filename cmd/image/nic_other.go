//go:build tamago && !arm

package main

func findENET(*nic) bool { return false }
