# Malleposte: build, try, test, install. `make help` lists what there is.
PREFIX   ?= /usr/local
DESTDIR  ?=
# NAMES=own leaves out the names that another mail system's package also has.
NAMES    ?= all
ONCE     ?=
SWIFT    ?= swift
JOBS     ?= $(shell nproc)
# What Swift's runtime stands on is linked in as well, and no symbol is offered to others: half of a program's start.
LINK      = .build/link
BUILD     = $(SWIFT) build -c release --static-swift-stdlib -j $(JOBS) -Xlinker -L$(CURDIR)/$(LINK) \
            -Xswiftc -Xclang-linker -Xswiftc -static-libgcc -Xlinker --no-export-dynamic
RELEASE   = .build/release

.PHONY: all help deps needs test-deps test demo install uninstall lint bench clean

all: needs $(LINK)/libstdc++.a ## release build of every program
	$(BUILD)

$(LINK)/libstdc++.a:
	@mkdir -p $(LINK)
	@ln -sf "$$(cc -print-file-name=libstdc++.a)" $@

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

deps: ## install the Debian packages that building needs
	@scripts/deps build

test-deps: ## install the Debian packages that the tests use besides
	@scripts/deps test

needs:
	@scripts/deps check

test: test-deps ## every test, from unit tables to throwaway machines
	@scripts/test

demo: ## the whole stack on high ports of 127.0.0.1 (ONCE=1: one letter, and out)
	@scripts/deps demo
	@$(MAKE) --no-print-directory all
	@ONCE=$(ONCE) scripts/demo

install: all ## install below PREFIX (DESTDIR=, NAMES=own)
	@RELEASE="$(RELEASE)" KEEP_SYMBOLS="$(KEEP_SYMBOLS)" PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" NAMES=$(NAMES) scripts/install

uninstall: ## remove what install put there; never a configuration, a queue or mail
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" NAMES=$(NAMES) scripts/install --remove

lint: ## format and house rules
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	$(SWIFT) test --filter HouseTests

bench: all ## figures beside their peers (needs root for some rows, and says which)
	@Benchmarks/run

clean:
	rm -rf .build demo.d
