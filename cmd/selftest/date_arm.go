package main

// noDate: i.MX6UL has such a clock only if it was set and has a battery, QEMU's model has none.
const noDate = true
