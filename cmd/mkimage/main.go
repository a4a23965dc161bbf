// Command mkimage builds a main package that imports a board into an image that
// boots on the bare machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"gasp/toolchain"
	"gasp/toolchain/imx"
)

const usage = `usage: mkimage -o IMAGE [flags] PACKAGE
       mkimage -o ARCHIVE -archive -files FOLDER

Builds a main package that imports a board (gasp/board/all, or single ones: pc,
microvm; with -arch arm64 virt; with -arch arm mx6ul) into an image that boots on the
bare machine, for example with

	qemu-system-x86_64 -M q35 -cpu max -m 256 -nographic -no-reboot -kernel IMAGE

IMAGE becomes what its ending says: .efi an application for UEFI firmware, .img a disk
that such firmware boots from, .imx a file for the boot ROM of an i.MX6UL (-arch arm -board BOARD), .bin
a raw image for loaders of arm64 Linux, everything else an ELF file.

It builds with the unmodified ` + toolchain.GoVersion + `. With TAMAGO=/path/to/tamago-go/bin/go in
the environment it builds the same sources with TamaGo's own toolchain.

`

func main() {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	o := toolchain.Options{TamaGo: os.Getenv("TAMAGO"), Stderr: os.Stderr}
	flag.StringVar(&o.Output, "o", "", "write the image to this `file` (required)")
	flag.StringVar(&o.Arch, "arch", toolchain.DefaultArch, "build for this `architecture`: amd64, arm64, arm")
	flag.StringVar(&o.Board, "board", "", "the `board` whose memory IMAGE.imx sets up: "+strings.Join(imx.Boards(), ", "))
	flag.StringVar(&o.ELF, "elf", "", "also write the image to this `file` as ELF, with the symbols that crash reports are read by")
	flag.Func("efi", "also put this UEFI application, a `file` that mkimage made for another architecture, on the disk (IMAGE.img)", func(file string) error {
		o.EFI = append(o.EFI, file)
		return nil
	})
	flag.StringVar(&o.Cmdline, "cmdline", "", "kernel command `line` of a machine whose loader gives none")
	flag.StringVar(&o.Tags, "tags", "", "further build `tags`, separated by commas")
	flag.StringVar(&o.Files, "files", "", "bake the files of this `folder` into the image: the machine finds them in /")
	flag.StringVar(&o.Key, "key", "", "bake the device key in this `file` into the image: one line of id, name and key, or the key alone")
	archive := flag.Bool("archive", false, "write only the files, as an archive for QEMU's -initrd, no image")
	flag.BoolVar(&o.Debug, "debug", false, "keep the debugging information (DWARF)")
	flag.BoolVar(&o.Show, "x", false, "show the go command that builds")
	flag.Parse()
	if *archive && o.Output != "" && o.Files != "" && flag.NArg() == 0 {
		if err := toolchain.WriteArchive(o.Output, o.Files); err != nil {
			fmt.Fprintln(os.Stderr, "mkimage:", err)
			os.Exit(1)
		}
		return
	}
	if o.Output == "" || flag.NArg() != 1 || *archive {
		flag.Usage()
		os.Exit(2)
	}
	o.Package = flag.Arg(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := toolchain.Build(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "mkimage:", err)
		stop()
		os.Exit(1)
	}
}
