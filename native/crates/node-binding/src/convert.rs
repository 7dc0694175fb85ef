use otedama_hash_api::Algorithm;
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
