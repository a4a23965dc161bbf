#!/bin/sh
# setup.sh makes sure of what the project needs: Go 1.21 or newer, make, QEMU for x86-64, ARM and 64-bit ARM, 7.2 or newer, and
# UEFI firmware for it. As "setup.sh bench" it also asks for qemu-x86_64, QEMU's emulation of a Linux process, for the
# benchmarks beside Linux. What is missing it installs with apt-get if that works without asking, as root or through sudo
# without a password. Otherwise it prints the command to run and ends with status 1. SHARE is where firmware is looked for,
# /usr/share by default.
set -eu

stop() { # message [command]
	printf 'setup: %s\n' "$1" >&2
	[ $# = 1 ] || printf '%s\n' "$2" >&2
	exit 1
}

exists() { # file...: one of them
	for file; do
		[ ! -e "$file" ] || return 0
	done
	return 1
}

command -v go >/dev/null || stop 'go is not in PATH; see https://go.dev/dl/'
# Older ones cannot fetch the release that go.mod names, and say so in words that lead nowhere.
go=$(GOTOOLCHAIN=local go version 2>/dev/null | sed -n 's/^go version go1\.\([0-9]*\).*/\1/p')
[ "${go:-21}" -ge 21 ] || stop "go 1.$go is too old; at least 1.21 is needed; see https://go.dev/dl/"

missing=
command -v make >/dev/null || missing="$missing make"
command -v qemu-system-x86_64 >/dev/null || missing="$missing qemu-system-x86"
{ command -v qemu-system-arm && command -v qemu-system-aarch64; } >/dev/null || missing="$missing qemu-system-arm"
# The files are those of qemu/firmware.go.
share=${SHARE-/usr/share}
exists "$share/OVMF/OVMF_CODE_4M.fd" "$share/OVMF/OVMF_CODE.fd" "$share/edk2/ovmf/OVMF_CODE.fd" "$share/edk2/x64/OVMF_CODE.4m.fd" || missing="$missing ovmf"
exists "$share/AAVMF/AAVMF_CODE.fd" "$share/edk2/aarch64/QEMU_EFI-pflash.raw" || missing="$missing qemu-efi-aarch64"
[ "${1-}" != bench ] || command -v qemu-x86_64 >/dev/null || missing="$missing qemu-user"
if [ -n "$missing" ]; then
	install="apt-get install -y --no-install-recommends$missing"
	command -v apt-get >/dev/null || stop "missing:$missing; there is no apt-get here, so install them your system's way"
	if [ "$(id -u)" = 0 ]; then
		root=
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		root='sudo -n'
	else
		stop "missing:$missing; to install them, run" "    sudo apt-get update && sudo $install"
	fi
	bounds='-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o DPkg::Lock::Timeout=60'
	echo "setup: installing$missing" >&2
	# A source that cannot be read need not be the one that matters: the installation tells.
	$root apt-get $bounds update </dev/null >&2 || echo 'setup: apt-get update failed; going on with the lists there are' >&2
	$root env DEBIAN_FRONTEND=noninteractive $install $bounds </dev/null >&2 ||
		stop "the installation failed; when the cause above is mended, run" "    $install"
fi

for program in qemu-system-x86_64 qemu-system-arm qemu-system-aarch64; do
	version=$($program --version | sed -n 's/^QEMU emulator version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
	[ -n "$version" ] || stop "$program --version does not tell a version"
	major=${version% *}
	minor=${version#* }
	[ "$major" -gt 7 ] || { [ "$major" = 7 ] && [ "$minor" -ge 2 ]; } ||
		stop "$program $major.$minor is too old; at least 7.2 is needed, as in Debian 12 and Ubuntu 24.04"
done
