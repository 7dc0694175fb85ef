use std::sync::{Arc, Mutex, PoisonError};

use otedama_dag::Dataset;
use otedama_hash_api::{HashError, Interrupt, MixHit, NonceRange, Puzzle, Searcher, Solution};
use otedama_hash_ethash as ethash;
use otedama_hash_kawpow as kawpow;
use otedama_primitives::U256;

use crate::{Selection, unavailable};

/// Searches nonces over a dataset of the Ethash family.
pub struct SealSearcher {
    kind: Kind,
    hits: Vec<MixHit>,
}

enum Kind {
    Ethash(ethash::Searcher),
    KawPow(kawpow::Searcher),
}

impl SealSearcher {
    pub fn ethash(selection: Selection, dataset: &Arc<Dataset>) -> Result<Self, HashError> {
        let backend = ethash::BACKENDS.iter().find(|backend| backend.name == selection.backend);
        let searcher = backend.and_then(|backend| ethash::Searcher::new(Arc::clone(dataset), backend));
        let searcher = searcher.ok_or_else(|| unavailable(selection))?;
        Ok(Self { kind: Kind::Ethash(searcher), hits: Vec::new() })
    }

    pub fn kawpow(selection: Selection, dataset: &Arc<Dataset>) -> Result<Self, HashError> {
        let backend = kawpow::Backend::by_name(selection.backend).ok_or_else(|| unavailable(selection))?;
        let searcher = kawpow::Searcher::new(Arc::clone(dataset), shared_programs(backend));
        Ok(Self { kind: Kind::KawPow(searcher), hits: Vec::new() })
    }
}

impl Searcher for SealSearcher {
    fn lanes(&self) -> usize {
        match &self.kind {
            Kind::Ethash(_) => ethash::Searcher::NONCES_AT_ONCE,
            Kind::KawPow(_) => kawpow::Searcher::NONCES_AT_ONCE,
        }
    }

    fn search(
        &mut self,
        puzzle: &Puzzle,
        target: &U256,
        nonces: NonceRange,
        interrupt: &Interrupt<'_>,
        solutions: &mut Vec<Solution>,
    ) -> u64 {
        let Puzzle::Seal { header_hash, block_number } = puzzle else {
            panic!("only header hashes are sealed by this searcher")
        };
        let hits = &mut self.hits;
        let tried = match &mut self.kind {
            Kind::Ethash(searcher) => searcher.search(header_hash, target, nonces, interrupt, hits),
            Kind::KawPow(searcher) => {
                searcher.search(header_hash, *block_number, target, nonces, interrupt, hits)
            }
        };
        let solution = |hit: MixHit| Solution { nonce: hit.nonce, hash: hit.proof.hash, mix: hit.proof.mix };
        solutions.extend(hits.drain(..).map(solution));
        tried
    }
}

/// The programs of a backend: threads share them, and a new one is compiled once.
fn shared_programs(backend: &'static kawpow::Backend) -> Arc<kawpow::Programs> {
    static SHARED: Mutex<Vec<(&'static str, Arc<kawpow::Programs>)>> = Mutex::new(Vec::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = shared.iter().find(|(name, _)| *name == backend.name);
    found.map(|(_, programs)| Arc::clone(programs)).unwrap_or_else(|| {
        let programs = kawpow::Programs::new(backend);
        shared.push((backend.name, Arc::clone(&programs)));
        programs
    })
}
