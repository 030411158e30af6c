#!/usr/bin/env bash
# Package: cel 0.15.0 (crates.io), with its feature `json`
# Guess:   a whole number that is handed over as JSON is an int, as in CEL's own mapping of JSON it is never unsigned: n + 1 is 4 for n = 3.
# Does:    one that is not negative becomes a uint, and a negative one an int. So n + 1 fails while n == 3 holds, and m + 1 works for m = -3.
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
cel = { version = "=0.15.0", default-features = false, features = ["json"] }
serde_json = "1"
TOML
cat > src/main.rs <<'RUST'
use cel::{Context, Program};

fn main() {
    let mut context = Context::default();
    context.add_variable("n", serde_json::json!(3)).unwrap();
    context.add_variable("m", serde_json::json!(-3)).unwrap();
    for text in ["n == 3", "n > 2", "n + 1", "n - 1", "-n", "int(n) + 1", "m + 1"] {
        match Program::compile(text).unwrap().execute(&context) {
            Ok(value) => println!("{text} = {value:?}"),
            Err(error) => println!("{text}: {error}"),
        }
    }
}
RUST
CARGO_TARGET_DIR="$folder/target" cargo run --quiet | tee is.txt
diff - is.txt <<'TEXT'
n == 3 = Bool(true)
n > 2 = Bool(true)
n + 1: Unsupported binary operator 'add': UInt(3), Int(1)
n - 1: Unsupported binary operator 'sub': UInt(3), Int(1)
-n: found no matching overload for '-_' applied to '(uint)'
int(n) + 1 = Int(4)
m + 1 = Int(-2)
TEXT
echo "As found."
