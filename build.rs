//! Has the crate built anew when a file of the embedded project is added or taken away.

fn main() {
    for folder in ["data", "ontology", "ontology/rules", "queries", "kg.toml"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
