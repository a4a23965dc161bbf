#!/bin/sh
# setup.sh makes sure of what the project needs beside Go: make, and QEMU for x86-64, 7.2 or newer. As "setup.sh bench" it
# also asks for qemu-x86_64, QEMU's emulation of a Linux process, for the benchmarks beside Linux. What is missing it
# installs with apt-get if that works without asking, as root or through sudo without a password. Otherwise it prints the
# command to run and ends with status 1.
set -eu

stop() { # message [command]
	printf 'setup: %s\n' "$1" >&2
	[ $# = 1 ] || printf '%s\n' "$2" >&2
	exit 1
}

command -v go >/dev/null || stop 'go is not in PATH; see https://go.dev/dl/'

missing=
command -v make >/dev/null || missing="$missing make"
command -v qemu-system-x86_64 >/dev/null || missing="$missing qemu-system-x86"
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

version=$(qemu-system-x86_64 --version | sed -n 's/^QEMU emulator version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
[ -n "$version" ] || stop 'qemu-system-x86_64 --version does not tell a version'
major=${version% *}
minor=${version#* }
[ "$major" -gt 7 ] || { [ "$major" = 7 ] && [ "$minor" -ge 2 ]; } ||
	stop "QEMU $major.$minor is too old; at least 7.2 is needed, as in Debian 12 and Ubuntu 24.04"
