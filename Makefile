# make test    everything: virtual environments, checks, all tests, the oracle's table
# make build   bin/spanwalk
# make lint    gofmt, go vet, staticcheck
# make bench   speed against rg and the guide's greps, as ratios of one run; first runs apart from repeated ones
# make fuzz    more random programs (SEEDS=1-2000) and FUZZTIME=30s of each Go fuzzer

GO          ?= go
SEEDS       ?= 1-2000
FUZZTIME    ?= 30s
STATICCHECK := bin/staticcheck
VERSION_SC  := v0.8.2

.PHONY: test build lint bench fuzz venvs oracle unit clean

test: venvs lint unit oracle

build:
	$(GO) build -trimpath -o bin/spanwalk ./cmd/spanwalk

# Virtual environments: one per SDK release of testdata/oracle/sdks.txt, and one with frameworks per release of frameworks.txt.
venvs:
	@sh testdata/oracle/venvs.sh

lint: $(STATICCHECK)
	@bad=$$(gofmt -l cmd wizard steps gitops rewrite); if [ -n "$$bad" ]; then echo "gofmt these files:"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	$(STATICCHECK) ./...

# "go install pkg@version" is refused by some module proxies; a module of its
# own that names the tool works everywhere and leaves go.mod alone.
$(STATICCHECK):
	@echo "installing staticcheck $(VERSION_SC) into bin"
	@mkdir -p bin && dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && bin=$$PWD/$@ && cd "$$dir" && \
	$(GO) mod init lint >/dev/null 2>&1 && $(GO) get -tool honnef.co/go/tools/cmd/staticcheck@$(VERSION_SC) >/dev/null 2>&1 && \
	$(GO) build -o "$$bin" honnef.co/go/tools/cmd/staticcheck

unit:
	$(GO) test -timeout 30m -skip '^TestOracle$$' ./...

# The oracle runs every program before and after its migration on each release
# of the SDK; its log ends with the table.
oracle: venvs
	@mkdir -p bin; $(GO) test -timeout 30m -count=1 -v -run '^TestOracle$$' ./steps >bin/oracle.log 2>&1; status=$$?; \
	awk '/^ +oracle_test\.go:[0-9]+: *$$/ {table = 1; next} /^(---|===|PASS|FAIL|ok)/ {table = 0} table {print}' bin/oracle.log; \
	if [ $$status != 0 ]; then grep -v '^ *\(===\|--- PASS\)' bin/oracle.log; fi; tail -n 1 bin/oracle.log; exit $$status

bench: build
	@python3 .ci/bench.py bin/spanwalk

fuzz: venvs
	SPANWALK_SEEDS=$(SEEDS) $(GO) test -timeout 0 -count=1 -run '^TestGenerated$$' ./steps
	SPANWALK_STORIES=40 $(GO) test -timeout 0 -count=1 -run '^TestRevertedStepsLeaveOnlyTheOthers$$' ./wizard
	@for pkg in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
		echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; done; done

clean:
	rm -rf bin .bench
