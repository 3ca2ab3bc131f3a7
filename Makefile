# Two commands do everything on a fresh machine: `make run` and `make test`.
# What they need from the system they install themselves (Debian 12 or 13 by apt, macOS by Homebrew); see Scripts/install-packages.

SWIFT ?= swift
RELEASE := .build/release/bujeol
BUILD_RELEASE := $(SWIFT) build -c release --static-swift-stdlib --product bujeol
SOURCES := Package.swift Sources Providers Tests Examples Fuzz Benchmarks
SECONDS ?= 60
ROLLOVER_SECONDS ?= 20
PICTURES ?= .build/journey
ifeq ($(shell uname -s),Darwin)
export PKG_CONFIG_PATH := $(shell brew --prefix openssl@3)/lib/pkgconfig:$(shell brew --prefix sqlite)/lib/pkgconfig:$(PKG_CONFIG_PATH)
endif
ARGUMENTS ?=

.PHONY: help run build test unit-test compile-fuzz conformance journey bench rollover fuzz format check-format toolchain packages clean

help: ## Lists the commands.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build ## Builds and starts the sandbox and the gateway with demo data.
	@exec $(RELEASE) up $(ARGUMENTS)

build: packages ## Builds the release binary at .build/release/bujeol.
	$(BUILD_RELEASE)

test: packages check-format ## Everything that continuous integration checks.
	$(SWIFT) build --build-tests
	$(MAKE) --no-print-directory unit-test compile-fuzz conformance

unit-test: packages
	@Scripts/unit-test $(SWIFT)

# Nobody but `make fuzz` would notice a target that no longer compiles. Without linking, which needs libFuzzer.
compile-fuzz: packages
	@for target in $$(sed -n 's/^ *name: "\(Fuzz[A-Za-z]*\)",/\1/p' Fuzz/Package.swift); do \
		$(SWIFT) build --package-path Fuzz --target $$target || exit 1; done

conformance: build ## Runs clients that are not ours against the built binary.
	Scripts/conformance $(RELEASE)

journey: build ## Walks through the web pages in headless Chromium; PICTURES says where screenshots go.
	Scripts/journey $(RELEASE) $(PICTURES)

bench: build ## Measures the gateway beside nginx, TLS, signatures and sessions beside bare OpenSSL, and what limits and identity checks cost.
	$(SWIFT) build -c release --package-path Benchmarks --product JourneyLoad
	Scripts/bench $(RELEASE) --load Benchmarks/.build/release/JourneyLoad
	$(SWIFT) run -c release --package-path Benchmarks SignatureBench
	$(SWIFT) run -c release --package-path Benchmarks SessionBench
	$(SWIFT) run -c release --package-path Benchmarks LimiterBench

rollover: packages ## Replaces certificates under 1,000 calls a second for ROLLOVER_SECONDS (20), and counts what the server saw.
	$(SWIFT) build -c release --package-path Benchmarks --product RolloverLoad
	Scripts/rollover Benchmarks/.build/release/RolloverLoad --seconds $(ROLLOVER_SECONDS)

fuzz: packages ## Feeds the parsers generated input for SECONDS (60) each.
	Scripts/fuzz $(SECONDS)

format: toolchain ## Formats every source file.
	$(SWIFT) format --in-place --recursive --parallel $(wildcard $(SOURCES))

check-format: toolchain
	$(SWIFT) format lint --strict --recursive --parallel $(wildcard $(SOURCES))

toolchain:
	@Scripts/check-toolchain $(SWIFT)

packages: toolchain
	@Scripts/install-packages build

clean: ## Removes what was built.
	rm -rf .build Fuzz/.build Benchmarks/.build
