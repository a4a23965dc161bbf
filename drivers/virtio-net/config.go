package virtionet

// configTries bounds how often a configuration that changes is read again.
const configTries = 4

// readMAC reads mac from the device configuration (5.1.4), byte by byte as 4.2.2.2
// wants it, and again if it changed meanwhile (2.5.1).
func (d *Device) readMAC() (mac [6]byte) {
	for range configTries {
		before := d.transport.Generation()
		for i := range mac {
			mac[i] = d.transport.Config8(configMAC + uint32(i))
		}
		if d.transport.Generation() == before {
			break
		}
	}
	return mac
}

// Link tells whether the link is up (5.1.4.2). A device that does not report it
// (no VIRTIO_NET_F_STATUS) is always up; one that no longer answers is down.
func (d *Device) Link() bool {
	if !d.hasStatus {
		return true
	}
	status := d.transport.Config16(configStatus)
	return status != 0xFFFF && status&configLinkUp != 0
}
