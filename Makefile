# `make help` lists what there is. Everything that is built goes to build/; what else is needed, qemu/setup.sh installs.

BOARD ?= pc
CRASH ?= nil

GOFMT = $(shell go env GOROOT)/bin/gofmt

.DEFAULT_GOAL := help
.PHONY: help run test stdtest bench crash boots loss web flood image receiver setup clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup receiver ## boot an image that crashes and show the report; BOARD= (pc, microvm, pc-uefi, virt, virt-uefi, mx6ul) or MACHINE=, NIC= and CRASH= choose
	@go run ./qemu/demo -board '$(BOARD)' $(if $(MACHINE),-machine '$(MACHINE)') $(if $(NIC),-nic '$(NIC)') -crash '$(CRASH)'

test: setup ## check the code and run all tests, those that boot images too; GASP_FULL=1: on every machine with every NIC
	go vet ./...
	@files=$$($(GOFMT) -l .) && test -z "$$files" || { echo "not formatted by gofmt: $$files" >&2; exit 1; }
	go test -count=1 -timeout 30m ./...

stdtest: setup ## run the Go standard library's own tests on the bare machine, a quarter of an hour; PACKAGES= chooses, FLAGS=-h lists more
	@mkdir -p build
	@go build -o build/stdtest ./qemu/stdtest
	@build/stdtest -json build/stdtest.json $(FLAGS) $(PACKAGES)

bench: image ## measure everything, beside Linux with PEERS=FOLDER, and judge it by the limits: a quarter of an hour, and again as much for Go's benchmarks; ONLY=, REPEAT=, FLAGS=-h lists more
	@qemu/setup.sh bench
	@go build -o build/bench ./qemu/bench
	@build/bench $(if $(PEERS),-peers '$(PEERS)') $(if $(ONLY),-only '$(ONLY)') $(if $(REPEAT),-repeat '$(REPEAT)') $(FLAGS)
	$(if $(ONLY)$(FLAGS),,go test -timeout 2h -run '^$$' -bench . -benchmem ./...)

crash: setup ## crash in every way on every machine with every NIC, and judge what arrives; CLASSES=, NICS=, REPEAT=, SEED= choose, FLAGS=-h lists more
	@go build -o build/crash ./qemu/crash
	@build/crash $(if $(CLASSES),-classes '$(CLASSES)') $(if $(NICS),-nics '$(NICS)') $(if $(REPEAT),-repeat '$(REPEAT)') $(if $(SEED),-seed '$(SEED)') $(FLAGS)

boots: setup ## boot the self-test image 200 times (N=) on the machines in turn, and judge what arrives; FLAGS=-h lists more
	@go build -o build/boots ./qemu/boots
	@build/boots $(if $(N),-n '$(N)') $(FLAGS)

loss: setup image receiver ## boot machines behind a network that loses, doubles and reorders, and judge what the receiver makes of it; N=, FLAGS=-h lists more
	@go build -o build/loss ./qemu/loss
	@build/loss $(if $(N),-n '$(N)') $(FLAGS)

web: setup receiver ## load an image with HTTP and 10,000 log lines a second through one device, let it crash at random moments, and judge what arrives; N=, NICS=, CLASSES=, SEED= choose, FLAGS=-h lists more
	go run ./cmd/mkimage -tags web -o build/web.elf ./cmd/image
	@go build -o build/web ./qemu/web
	@build/web $(if $(N),-n '$(N)') $(if $(NICS),-nics '$(NICS)') $(if $(CLASSES),-classes '$(CLASSES)') $(if $(SEED),-seed '$(SEED)') $(FLAGS)

flood: receiver ## let a million invented senders send to the receiver beside a hundred real ones; root; SECONDS= (60), FLAGS=-h lists more
	@go build -o build/flood ./cmd/receiver/flood
	@build/flood $(if $(SECONDS),-seconds '$(SECONDS)') $(FLAGS)

image: ## build the demonstration image, build/image.elf
	@mkdir -p build
	go run ./cmd/mkimage -o build/image.elf ./cmd/image

receiver: ## build the log host's program, build/receiver
	go build -o build/receiver ./cmd/receiver

setup: ## install what is missing, if that works without asking: QEMU
	@qemu/setup.sh

clean: ## remove build/
	rm -rf build
