use napi::bindgen_prelude::{BigInt, Buffer};
use otedama_hash_api::Algorithm;
use otedama_hash_registry::{self as registry, Selection};
use otedama_primitives::Hash;

use crate::failure::Failure;

pub fn algorithm(name: &str) -> Result<Algorithm, Failure> {
    Algorithm::from_name(name)
        .ok_or_else(|| Failure::new("UNKNOWN_ALGORITHM", format!("unknown algorithm {name:?}")))
}

/// JavaScript numbers are doubles; the language's own conversion would wrap what does not fit.
pub fn u32_of(name: &str, value: f64) -> Result<u32, Failure> {
    if value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value) {
        Ok(value as u32)
    } else {
        Err(Failure::argument(format!("{name} must be an integer from 0 to 4294967295")))
    }
}

/// `None` for what is no number of a file or socket.
#[cfg(target_os = "linux")]
pub fn descriptor(value: f64) -> Option<i32> {
    i32::try_from(u32_of("descriptor", value).ok()?).ok()
}

pub fn bytes32(name: &str, bytes: &[u8]) -> Result<Hash, Failure> {
    bytes.try_into().map_err(|_| Failure::argument(format!("{name} must have 32 bytes, not {}", bytes.len())))
}

pub fn hashes(name: &str, bytes: &[u8]) -> Result<Vec<Hash>, Failure> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(hashes.to_vec())
    } else {
        Err(Failure::argument(format!("{name} must be a multiple of 32 bytes, not {}", bytes.len())))
    }
}

pub fn needed_hashes(name: &str, value: Option<Buffer>) -> Result<Vec<Hash>, Failure> {
    hashes(name, &needed(name, value)?)
}

/// A field that the algorithm needs.
pub fn needed<T>(name: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::argument(format!("{name} is missing")))
}

pub fn needed_u32(name: &str, value: Option<f64>) -> Result<u32, Failure> {
    u32_of(name, needed(name, value)?)
}

pub fn needed_bytes(name: &str, value: Option<Buffer>) -> Result<Vec<u8>, Failure> {
    Ok(needed(name, value)?.to_vec())
}

pub fn needed_bytes32(name: &str, value: Option<&Buffer>) -> Result<Hash, Failure> {
    bytes32(name, needed(name, value)?)
}

pub fn u64_of(name: &str, value: &BigInt) -> Result<u64, Failure> {
    match value.get_u64() {
        (false, number, true) => Ok(number),
        _ => Err(Failure::argument(format!("{name} must be an integer from 0 to 2^64 - 1"))),
    }
}

/// A backend by name, or the preferred one.
pub fn selection(name: &str, backend: Option<&str>) -> Result<Selection, Failure> {
    Ok(registry::find(algorithm(name)?, backend)?)
}
