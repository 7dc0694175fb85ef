use otedama_contexts::Light;
use otedama_hash_api::{Algorithm, HashError, MixProof, Puzzle};
use otedama_hash_registry as registry;

/// The slow, plain hash of a puzzle with a nonce. Headers have no mix.
pub fn hash(
    algorithm: Algorithm,
    light: Option<&Light>,
    puzzle: &Puzzle,
    nonce: u64,
) -> Result<MixProof, HashError> {
    let without_mix = |hash| MixProof { mix: [0; 32], hash };
    Ok(match (puzzle, light) {
        (Puzzle::Header(header), _) => {
            let header = header.with_nonce(nonce as u32);
            without_mix(match algorithm {
                Algorithm::Scrypt => otedama_hash_scrypt::reference::hash_header(header.as_bytes()),
                _ => otedama_sha256::reference::sha256d(header.as_bytes()),
            })
        }
        (_, None) => unreachable!("only headers are hashed without a light cache"),
        (Puzzle::Seal { header_hash, block_number }, Some(light)) => {
            registry::seal_reference(light, header_hash, *block_number, nonce)
        }
        (Puzzle::Blob { bytes, nonce_offset }, Some(light)) => {
            let mut blob = bytes.clone();
            blob[*nonce_offset..][..4].copy_from_slice(&(nonce as u32).to_le_bytes());
            without_mix(registry::blob_reference(algorithm, light, &blob)?)
        }
    })
}
