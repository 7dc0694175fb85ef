use std::sync::Arc;

use otedama_contexts::{Light, LightKind};
use otedama_hash_api::{Algorithm, HashError, Interrupt, NonceRange, Puzzle, Searcher, Solution};
use otedama_hash_randomx::{self as randomx, Blob, Hasher, Hit, Measure, Variant};
use otedama_primitives::U256;

use crate::{Selection, unavailable};

/// Searches the nonces of RandomX blobs.
pub struct BlobSearcher {
    hasher: Hasher,
    hits: Vec<Hit>,
}

impl BlobSearcher {
    pub fn light(selection: Selection, light: &Light) -> Result<Self, HashError> {
        let LightKind::RandomX(cache) = &light.kind else { return Err(unavailable(selection)) };
        let backend = randomx::Backend::from_name(selection.backend).ok_or_else(|| unavailable(selection))?;
        let hasher = Hasher::new(Arc::clone(cache), variant(selection.algorithm), backend)?;
        Ok(Self { hasher, hits: Vec::new() })
    }

    pub fn fast(selection: Selection, dataset: &Arc<randomx::Dataset>) -> Result<Self, HashError> {
        let backend = randomx::Backend::from_name(selection.backend).ok_or_else(|| unavailable(selection))?;
        let hasher = Hasher::new(Arc::clone(dataset), variant(selection.algorithm), backend)?;
        Ok(Self { hasher, hits: Vec::new() })
    }
}

impl Searcher for BlobSearcher {
    fn lanes(&self) -> usize {
        // Two hashes can take turns.
        2
    }

    fn search(
        &mut self,
        puzzle: &Puzzle,
        target: &U256,
        nonces: NonceRange,
        interrupt: &Interrupt<'_>,
        solutions: &mut Vec<Solution>,
    ) -> u64 {
        let Puzzle::Blob { bytes, nonce_offset } = puzzle else {
            panic!("only blobs are hashed by this searcher")
        };
        let hits = &mut self.hits;
        let mut blob = Blob::new(bytes.clone(), *nonce_offset).expect("the nonce lies inside the blob");
        let tried = self.hasher.search(&mut blob, target, Measure::Hash, nonces, interrupt, hits);
        let solution = |hit: Hit| Solution { nonce: u64::from(hit.nonce), hash: hit.hash, mix: [0; 32] };
        solutions.extend(hits.drain(..).map(solution));
        tried
    }
}

/// The variant of RandomX that the algorithm is; v1 for any other.
pub const fn variant(algorithm: Algorithm) -> Variant {
    match algorithm {
        Algorithm::RandomXV2 => Variant::V2,
        _ => Variant::V1,
    }
}
