#!/usr/bin/env bash
# Package: handlebars 6.4.4 (crates.io)
# Guess:   what is at least as large as another number and at most as large is equal to it: with gte and lte, eq holds for 3 and 3.0.
# Does:    gte and lte compare the values, eq the JSON: 3 and 3.0 are gte, lte and ne at once; so are 10 and the text "10".
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "try"
edition = "2024"

[dependencies]
handlebars = "=6.4.4"
serde_json = "1"
TOML
cat > src/main.rs <<'RUST'
use serde_json::json;

fn main() {
    let handlebars = handlebars::Handlebars::new();
    let template = "{{#if (gte a b)}}gte {{/if}}{{#if (lte a b)}}lte {{/if}}{{#if (eq a b)}}eq {{/if}}{{#if (ne a b)}}ne {{/if}}";
    for (a, b) in [(json!(3), json!(3)), (json!(3), json!(3.0)), (json!(10), json!("10"))] {
        let said = handlebars.render_template(template, &json!({ "a": a, "b": b })).unwrap();
        println!("{a} and {b}: {}", said.trim_end());
    }
}
RUST
CARGO_TARGET_DIR="$folder/target" cargo run --quiet | tee is.txt
diff - is.txt <<'TEXT'
3 and 3: gte lte eq
3 and 3.0: gte lte ne
10 and "10": gte lte ne
TEXT
echo "As found."
