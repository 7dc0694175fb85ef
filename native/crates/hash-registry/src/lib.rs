//! The one list of algorithms and their backends, and what makes hashers and searchers of them. Those only
//! come out of here after they have given the right answers: a wrong hash costs a miner its shares and a pool
//! its blocks without any visible error.
#![forbid(unsafe_code)]

mod blob_searcher;
mod header_searcher;
mod judging;
mod pace;
mod seal_searcher;
mod self_test;

use std::sync::{Arc, OnceLock};

use otedama_contexts::{Full, FullKind, Light};
use otedama_hash_api::{Algorithm, Backend, HashError, PowHasher, Searcher};
use otedama_hash_randomx as randomx;
use otedama_memory::{CodeMemory, NodeId};

use blob_searcher::{BlobSearcher, variant};
use header_searcher::HeaderSearcher;
use seal_searcher::SealSearcher;

pub use judging::{BlobHasher, SealShare, blob_hasher, prove_light, seal_final_hash, seal_proofs};
pub use otedama_contexts::{blob_reference, seal_reference};

/// A backend of an algorithm that this processor can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    pub algorithm: Algorithm,
    pub backend: &'static str,
}

/// Backends that this processor can run, the preferred one first. The order is static: it was measured, and
/// a choice that changed from start to start would make hash rates hard to compare.
pub fn available(algorithm: Algorithm) -> Vec<Selection> {
    let names: Vec<&'static str> = match algorithm {
        Algorithm::Sha256d | Algorithm::Scrypt => {
            let all = header_backends(algorithm).iter();
            all.filter(|backend| (backend.is_available)()).map(|backend| backend.name).collect()
        }
        Algorithm::Ethash | Algorithm::Etchash => {
            let all = otedama_hash_ethash::BACKENDS.iter();
            all.filter(|backend| backend.is_available()).map(|backend| backend.name).collect()
        }
        Algorithm::KawPow => {
            let all = otedama_hash_kawpow::BACKENDS.iter();
            all.filter(|backend| (backend.is_available)()).map(|backend| backend.name).collect()
        }
        Algorithm::RandomX | Algorithm::RandomXV2 => {
            let all = randomx::BACKENDS.iter();
            all.filter(|backend| backend.is_available()).map(|backend| backend.name()).collect()
        }
    };
    let runs = |name: &&str| !name.starts_with("jit") || may_run_generated_code();
    names.into_iter().filter(runs).map(|backend| Selection { algorithm, backend }).collect()
}

/// Whether the system lets this process run code that it has written; some are hardened against it.
fn may_run_generated_code() -> bool {
    static MAY: OnceLock<bool> = OnceLock::new();
    *MAY.get_or_init(|| CodeMemory::allocate(1).is_ok())
}

/// The backend that is used when none is asked for.
pub fn preferred(algorithm: Algorithm) -> Selection {
    available(algorithm).into_iter().next().expect("every algorithm has a portable backend")
}

/// The named or the preferred backend.
pub fn find(algorithm: Algorithm, name: Option<&str>) -> Result<Selection, HashError> {
    let Some(name) = name else { return Ok(preferred(algorithm)) };
    available(algorithm)
        .into_iter()
        .find(|selection| selection.backend == name)
        .ok_or_else(|| HashError::BackendUnavailable { algorithm, backend: name.to_owned() })
}

const fn header_backends(algorithm: Algorithm) -> &'static [Backend] {
    match algorithm {
        Algorithm::Sha256d => otedama_hash_sha256d::BACKENDS,
        Algorithm::Scrypt => otedama_hash_scrypt::BACKENDS,
        _ => &[],
    }
}

/// A hasher of the Header family.
pub fn header_hasher(selection: Selection) -> Result<Box<dyn PowHasher>, HashError> {
    let Selection { algorithm, backend } = selection;
    let found = header_backends(algorithm).iter().find(|other| other.name == backend);
    let mut hasher = (found.ok_or_else(|| unavailable(selection))?.create)()?;
    self_test::header(algorithm, hasher.as_mut()).map_err(|case| HashError::SelfTestFailed {
        algorithm,
        backend,
        case,
    })?;
    Ok(hasher)
}

/// What searchers are made from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The Header family needs nothing.
    Nothing,
    /// Enough for RandomX, slowly.
    Light(Arc<Light>),
    /// The dataset, and the cache to check it by.
    Full(Arc<Light>, Arc<Full>),
}

impl Source {
    pub fn light(&self) -> Option<&Light> {
        match self {
            Self::Nothing => None,
            Self::Light(light) | Self::Full(light, _) => Some(light),
        }
    }
}

/// A searcher for the calling thread, which runs on `node` where that matters.
pub fn searcher(
    selection: Selection,
    source: &Source,
    node: Option<NodeId>,
) -> Result<Box<dyn Searcher>, HashError> {
    let (light, mut searcher): (_, Box<dyn Searcher>) = match source {
        Source::Nothing => return Ok(Box::new(HeaderSearcher::new(header_hasher(selection)?))),
        Source::Light(light) => (light, Box::new(BlobSearcher::light(selection, light)?)),
        Source::Full(light, full) => match &full.kind {
            FullKind::Ethash(copies) => {
                (light, Box::new(SealSearcher::ethash(selection, copies.near(node))?))
            }
            FullKind::KawPow(copies) => {
                (light, Box::new(SealSearcher::kawpow(selection, copies.near(node))?))
            }
            FullKind::RandomX(copies) => (light, Box::new(BlobSearcher::fast(selection, copies.near(node))?)),
        },
    };
    self_test::searcher(selection, searcher.as_mut(), light)?;
    Ok(searcher)
}

fn unavailable(selection: Selection) -> HashError {
    HashError::BackendUnavailable { algorithm: selection.algorithm, backend: selection.backend.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_available_backend_of_headers_passes_its_self_test() {
        for algorithm in [Algorithm::Sha256d, Algorithm::Scrypt] {
            for selection in available(algorithm) {
                assert!(header_hasher(selection).is_ok(), "{selection:?}");
            }
        }
    }

    #[test]
    fn every_algorithm_has_a_backend_and_the_preferred_one_comes_first() {
        for algorithm in Algorithm::ALL {
            assert_eq!(available(algorithm).first(), Some(&preferred(algorithm)));
        }
    }

    #[test]
    fn names_an_unknown_backend_in_its_error() {
        for algorithm in Algorithm::ALL {
            let error = find(algorithm, Some("abacus")).unwrap_err();
            assert_eq!(error.code(), "BACKEND_UNAVAILABLE");
            assert!(error.to_string().contains("abacus"));
        }
    }
}
