//! Reads `test/vectors/*.json` of the repository; the same files test the TypeScript side.
//! A missing file or field is a broken checkout: the helpers panic with the case's id.
#![forbid(unsafe_code)]

use std::path::Path;

pub use serde_json::Value;

/// One test case with its field access.
#[derive(Debug)]
pub struct Case(Value);

/// All cases of one kind; never empty, so that a renamed kind cannot pass by testing nothing.
pub fn cases(file: &str, kind: &str) -> Vec<Case> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../test/vectors").join(format!("{file}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut document: Value = serde_json::from_str(&text).expect("vector files are JSON");
    let Value::Array(all) = document["cases"].take() else { panic!("{}: no cases", path.display()) };
    let selected: Vec<Case> = all.into_iter().filter(|case| case["kind"] == kind).map(Case).collect();
    assert!(!selected.is_empty(), "{file} has no case of kind {kind}");
    selected
}

impl Case {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or("?")
    }

    /// A part of the case by JSON pointer (`/expect/header`).
    pub fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("{}: no {pointer}", self.id()))
    }

    pub fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{}: {pointer} is no text", self.id()))
    }

    pub fn number(&self, pointer: &str) -> f64 {
        self.at(pointer).as_f64().unwrap_or_else(|| panic!("{}: {pointer} is no number", self.id()))
    }

    pub fn flag(&self, pointer: &str) -> bool {
        self.at(pointer).as_bool().unwrap_or_else(|| panic!("{}: {pointer} is no boolean", self.id()))
    }

    pub fn bytes(&self, pointer: &str) -> Vec<u8> {
        unhex(self.text(pointer))
    }

    pub fn array<const N: usize>(&self, pointer: &str) -> [u8; N] {
        self.bytes(pointer)
            .try_into()
            .unwrap_or_else(|_| panic!("{}: {pointer} has not {N} bytes", self.id()))
    }

    /// A hash or number that is printed most significant byte first, turned to internal order.
    pub fn reversed(&self, pointer: &str) -> [u8; 32] {
        let mut bytes = self.array::<32>(pointer);
        bytes.reverse();
        bytes
    }

    /// A 64-bit nonce: a number, a decimal string, or 16 hex digits.
    pub fn nonce(&self, pointer: &str) -> u64 {
        let wrong = || panic!("{}: {pointer} is no nonce", self.id());
        match self.at(pointer) {
            Value::Number(number) => number.as_u64().unwrap_or_else(wrong),
            Value::String(text) if text.len() == 16 => {
                u64::from_str_radix(text, 16).unwrap_or_else(|_| wrong())
            }
            Value::String(text) => text.parse().unwrap_or_else(|_| wrong()),
            _ => wrong(),
        }
    }

    /// A part that some cases of a kind lack.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer)
    }

    /// A 32-bit number printed as hex.
    pub fn hex_u32(&self, pointer: &str) -> u32 {
        u32::from_str_radix(self.text(pointer), 16)
            .unwrap_or_else(|_| panic!("{}: {pointer} is no u32", self.id()))
    }

    /// A list of 32-byte hex strings.
    pub fn hashes(&self, pointer: &str) -> Vec<[u8; 32]> {
        let list =
            self.at(pointer).as_array().unwrap_or_else(|| panic!("{}: {pointer} is no list", self.id()));
        list.iter().map(|item| unhex(item.as_str().expect("hex")).try_into().expect("32 bytes")).collect()
    }
}

pub fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "odd hex: {text}");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex digits"))
        .collect()
}
