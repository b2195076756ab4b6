# Everything goes through here; `make help` lists it. Tools are pinned in go.mod files below tools/ and are built once,
# into the user's cache. The first build compiles the Pulumi SDK and takes a few minutes; later ones take seconds.

STACK ?= dev
ARGS  ?=
FUZZ  ?= 30s

REHEARSE := .rehearsal/bin/rehearse

.DEFAULT_GOAL := help
.PHONY: help test check rehearse local bench test-slow test-raced coverage vulnerabilities generate screenshots fmt lint clean \
	check-fmt check-generated check-workflows test-go test-sdks build

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

rehearse: build ## deploy STACK (dev) to the embedded Azure, try everything, destroy it, report
	@$(REHEARSE) run --stack $(STACK) $(ARGS)

local: build ## deploy STACK (dev) to the embedded Azure and stay up until Ctrl-C
	@$(REHEARSE) up --stack $(STACK) $(ARGS)

test: test-go test-sdks ## every test, as CI runs them

check: check-fmt lint check-workflows check-generated test ## everything a pull request must pass

bench: ## measure what docs/performance.md reports
	@tools/bootstrap.sh go csharp node
	go test -run '^$$' -bench . -benchmem ./...

# The sweep breaks every write of dev in seven ways: 25 minutes on two cores beside other work. The mutants break the policies at
# each of some 1,900 places and print how many of them a case notices: 4 minutes on two cores alone, 18 beside other work.
test-slow: ## break every write of a deployment (25 minutes) and every place of the policies, interrupt at 20 moments, fuzz every parser for FUZZ (30s) each
	@tools/bootstrap.sh go csharp node
	@go run ./cmd/rehearse prepare
	REHEARSE_SWEEP=1 go test -timeout 120m -v -run 'TestADeploymentThatBreaksOffAnywhereIsResumed|TestDeploymentsThatDoNotWait' ./rehearsal ./cmd/rehearse
	REHEARSE_SWEEP=1 go test -timeout 120m -count=1 -v -run TestEveryPlaceOfThePoliciesIsNeeded ./policies
	REHEARSE_MOMENTS=20 go test -timeout 60m -count=1 -v -run InterruptedAnywhere ./cmd/rehearse
	tools/fuzz.sh $(FUZZ)

# Drills and policies break a whole stack, or a document, in dozens of ways; `make test` runs them without the race detector.
test-raced: ## drills, policies and the command under the race detector (nightly)
	@tools/bootstrap.sh go compiler csharp node
	@go run ./cmd/rehearse prepare
	go test -race -timeout 120m $(UNRACED)

# After a package has risen: tools/coverage.sh --raise coverage.out.
coverage: ## compare the coverage of each package's own tests with its floor in tools/coverage.txt (nightly)
	@tools/bootstrap.sh go compiler csharp node
	@go run ./cmd/rehearse prepare
	go test -timeout 90m -cover $$(go list ./... | grep -v -e /sdks) >coverage.out || { grep -v '^ok' coverage.out; exit 1; }
	tools/coverage.sh coverage.out

vulnerabilities: ## ask the Go vulnerability database about every call that the program makes (needs the internet)
	@tools/bootstrap.sh go
	go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...

generate: ## write what is generated: sdks/, docs/
	@tools/bootstrap.sh go node
	go run -C sdks/generate .
	go generate ./...
	go generate -tags published ./internal/azure/models

screenshots: ## take the picture of a report that the README shows (docs/report.png)
	@tools/bootstrap.sh go browser
	go run ./rehearsal/internal/screenshots

fmt: ## format the code
	@lint=$$(tools/tool.sh lint) && $$lint fmt

lint: ## run the linters of .golangci.yml
	@tools/bootstrap.sh go
	@lint=$$(tools/tool.sh lint) && $$lint run

clean: ## delete what rehearsals left; tools stay in the user's cache
	rm -rf .rehearsal

# The parts of the targets above.

# The binary is a step of its own, not `go run`, so that Ctrl-C and exit codes reach the shell as they are. Without inlining it compiles in
# four fifths of the time, and shares the packages of the Pulumi SDK with the CLI, which is built in the same way.
build:
	@tools/bootstrap.sh go csharp node
	@test -x $(REHEARSE) || echo "compiling the program and the Pulumi SDK, a few minutes the first time"
	@go build -gcflags=all=-l -o $(REHEARSE) ./cmd/rehearse

# `prepare` builds the Pulumi CLI before the tests that need it, where its progress is seen and no test times out.
# Drills and policies break a whole stack, or a document, in dozens of ways, the diff compares a hundred plans, and the
# command deploys in processes of its own; under the race detector that takes longer than all other tests together, and
# what they drive (gateway, data plane, accounts) is tested with it on its own. The nightly run tests them with it.
UNRACED := ./rehearsal/drills ./policies ./cmd/rehearse ./plan/diff

test-go:
	@tools/bootstrap.sh go compiler csharp node
	@tools/bootstrap.sh browser || echo "without Chromium the tests that open pages in a browser are skipped"
	@go run -race ./cmd/rehearse prepare
	go test -race -timeout 40m $$(go list ./... | grep -v -x $(patsubst ./%,-e '.*/%',$(UNRACED)))
	go test -timeout 40m $(UNRACED)

# What is generated is compared with Microsoft's modules, which no other target compiles.
test-sdks:
	go test -C sdks/generate -count=1 ./...
	go test -tags published ./internal/azure/models/... ./doctor/subscription

check-fmt:
	@tools/bootstrap.sh go
	@lint=$$(tools/tool.sh lint) && $$lint fmt --diff || { echo "run: make fmt"; exit 1; }

check-workflows:
	@actionlint=$$(tools/tool.sh workflows) && $$actionlint

# docs/settings.md is checked by a test of stacks.
check-generated:
	@tools/bootstrap.sh go node
	go mod tidy -diff
	go run -C sdks/generate . --check
