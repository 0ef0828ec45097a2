# make demo   installs what is missing, builds, sweeps the sample share and prints what it found
# make test   all tests
# make deny   licences, bans and sources of the tree of crates, against deny.toml
# make fuzz   mutated documents, messages, settings and queries, for MINUTES=10
# make ocr-bench  what OCR reads of degraded pages and what it costs, beside other programs (PAGES=3, CORPUS=FOLDER)
# make accuracy  how right markings and identifiers are on a labelled set that it makes (PAGES=yes: on drawn pages, too; CORPUS=FOLDER: on a
#             labelled corpus, and how registered documents are found again)
# make bench  every figure of the README, beside a peer where there is one

CARGO ?= cargo
MINUTES ?= 10

.PHONY: demo test bench ocr-bench accuracy lint deny fuzz packages models build clean

demo: build
	@rm -rf demo
	@echo
	-@target/release/misfile --config examples/share.toml --data demo --format table --quiet sweep
	@echo
	-@target/release/misfile --config examples/share.toml --data demo --format table --quiet findings
	@echo
	@echo "The catalog is in demo/. Go on with:"
	@echo "  target/release/misfile --config examples/share.toml --data demo search 机密"
	@echo "  target/release/misfile --config examples/share.toml --data demo explain FILE"

build: packages models
	$(CARGO) build --release --locked

test: packages models
	$(CARGO) test --locked --features failpoints

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets --features failpoints -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items

deny: packages
	scripts/deny

fuzz: packages models
	$(CARGO) bench --locked --bench fuzz -- $(MINUTES)
	PROPTEST_CASES=5000 $(CARGO) test --locked --features failpoints --lib

bench: packages models
	scripts/bench

ocr-bench: build
	scripts/ocr/run

accuracy: build
	scripts/accuracy/run

packages:
	@scripts/packages

models:
	@scripts/models

clean:
	$(CARGO) clean
	rm -rf demo
