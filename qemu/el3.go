package qemu

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A machine of 64-bit ARM with EL3 starts at EL3, as servers do: in firmware that keeps FIQs for itself, and that PSCI is asked by SMC.
// QEMU has none, and describes none in its device tree.

//go:embed el3/monitor.s
var monitorSource []byte

// Files in the run's directory.
const (
	monitorSourceFile = "monitor.s"
	monitorObjectFile = "monitor.o"
	monitorFile       = "monitor"
	treeFile          = "tree"
)

// imageAfterTree is where the monitor finds the image; the device tree is where QEMU puts it, at the start of RAM.
const imageAfterTree = 0x4020_0000

// ErrMonitorBuild is wrapped by errors of making the monitor, which hold what the tool has said.
var ErrMonitorBuild = errors.New("the monitor does not build")

// prepareEL3 writes the monitor to the run's directory, and the tree of the same machine without one: there QEMU answers
// PSCI itself.
func (m *Machine) prepareEL3(dir string, t *MachineType) error {
	code, err := assemble(dir, monitorSource)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, monitorFile), code, 0o600); err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	path, err := program(t.Program)
	if err != nil {
		return err
	}
	args := append([]string{"-machine", strings.Replace(t.Machine, "secure=on,", "", 1) + ",dumpdtb=" + escape(filepath.Join(dir, treeFile)),
		"-cpu", or(m.CPU, t.CPU), "-m", strconv.Itoa(or(m.Memory, DefaultMemory)), "-display", "none", "-nodefaults"}, m.Extra...)
	if said, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("qemu: %w: its device tree: %w\n%s", ErrMonitorBuild, err, bytes.TrimSpace(said))
	}
	tree, err := os.ReadFile(filepath.Join(dir, treeFile))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, treeFile), packed(tree), 0o600)
	}
	if err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	return nil
}

// packed takes the room behind the parts of a device tree away (Devicetree Specification 0.4, 5.2), of which QEMU makes twice as much: more
// than the image takes for a tree.
func packed(tree []byte) []byte {
	const total, structs, texts, textSize, structSize, header = 4, 8, 12, 32, 36, 40
	word := func(at int) int { return int(binary.BigEndian.Uint32(tree[at:])) }
	if len(tree) < header {
		return tree
	}
	end := max(word(structs)+word(structSize), word(texts)+word(textSize))
	if end < header || end > len(tree) {
		return tree
	}
	binary.BigEndian.PutUint32(tree[total:], uint32(end))
	return tree[:end]
}

// el3Arguments has QEMU start the monitor, which starts the image.
func (m *Machine) el3Arguments(dir string) []string {
	a := []string{"-bios", filepath.Join(dir, monitorFile), "-dtb", filepath.Join(dir, treeFile)}
	if m.Image == "" {
		return a
	}
	return append(append(a, m.kernel()...), // for the command line
		"-device", fmt.Sprintf("loader,force-raw=on,addr=%#x,file=%s", imageAfterTree, escape(m.Image)))
}

// assemble makes a program of the first function of arm64 assembly that refers to nothing: its bytes are what Go's assembler lists.
func assemble(dir string, source []byte) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(dir, monitorSourceFile), source, 0o600); err != nil {
		return nil, fmt.Errorf("qemu: %w", err)
	}
	asm := exec.Command("go", "tool", "asm", "-p", "main", "-S", "-o", monitorObjectFile, monitorSourceFile)
	asm.Dir, asm.Env = dir, append(os.Environ(), "GOOS=linux", "GOARCH=arm64")
	out, err := asm.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("qemu: %w: %w\n%s", ErrMonitorBuild, err, bytes.TrimSpace(out))
	}
	code := listed(string(out))
	if len(code) == 0 {
		return nil, fmt.Errorf("qemu: %w: nothing is listed in\n%s", ErrMonitorBuild, out)
	}
	return code, nil
}

// listed reads the bytes of a listing, in lines like "	0x0010 5f 20 03 d5 ...  text".
func listed(listing string) (code []byte) {
	for line := range strings.Lines(listing) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != fmt.Sprintf("0x%04x", len(code)) {
			continue
		}
		const most = 16
		n := 0
		for _, word := range words[1:] {
			b, err := strconv.ParseUint(word, 16, 8)
			if err != nil || len(word) != 2 || n == most {
				break
			}
			code = append(code, byte(b))
			n++
		}
	}
	return code
}
