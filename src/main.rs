//! Misfile.
fn main() {}
