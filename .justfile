# `just` lists what there is. Nothing here is needed: each recipe is a plain command that works without just.

_list:
    @just --list --unsorted

# Serve Contoso, the sample company, on the Bot Framework's port.
run *args:
    cargo run --locked -- run {{args}}

# Every test: the README's test command.
test:
    bash .ci/test

# Format and lints only.
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings

# The tests in the real client only.
e2e:
    cargo build --locked
    cd tests/e2e && npm ci --ignore-scripts && npm test

# Every dialog with the process stopped after each of its lines: minutes.
restarts:
    RESTARTS=all cargo nextest run --locked --no-capture --test service -E 'test(restarts)'

# Rewrite the recorded conversations and the READMEs' pictures.
bless:
    BLESS=1 bash .ci/test

# What the judge runs.
ci:
    bash .ci/run
