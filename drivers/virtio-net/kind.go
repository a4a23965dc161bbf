package virtionet

import (
	"gasp/drivers/reg"
	"gasp/drivers/virtio"
)

// Kind is the network device (5.1).
var Kind = virtio.Kind{Name: "virtio-net", ID: 1, Transitional: 0x1000, Config: configStatus + 2}

// Device configuration layout (5.1.4).
const (
	configMAC    = 0
	configStatus = 6

	configLinkUp = 1
)

// Feature bits (5.1.3).
const (
	featureMAC    = 1 << 5
	featureStatus = 1 << 16
)

// NewPCI and NewMMIO are virtio's, for this kind of device.
func NewPCI(config virtio.ConfigSpace, bar func(n int) (reg.Space, error)) (virtio.Transport, error) {
	return virtio.NewPCI(config, bar, Kind)
}

// NewMMIO is virtio's, for this kind of device.
func NewMMIO(regs reg.Space) (virtio.Transport, error) { return virtio.NewMMIO(regs, Kind) }
