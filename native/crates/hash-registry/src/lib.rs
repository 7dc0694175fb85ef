//! The one list of algorithms and their backends. A hasher only comes out of here after it has given the
//! known answers: a wrong hash costs a miner its shares and a pool its blocks without any visible error.
#![forbid(unsafe_code)]

mod self_test;

use otedama_hash_api::{Algorithm, Backend, HashError, PowHasher};

/// Backends that this processor can run, the preferred one first. The order is static: it was measured, and
/// a choice that changed from start to start would make hash rates hard to compare.
pub fn available(algorithm: Algorithm) -> impl Iterator<Item = &'static Backend> {
    let all = match algorithm {
        Algorithm::Sha256d => otedama_hash_sha256d::BACKENDS,
        Algorithm::Scrypt => otedama_hash_scrypt::BACKENDS,
    };
    all.iter().filter(|backend| (backend.is_available)())
}

/// The backend that is used when none is asked for.
pub fn preferred(algorithm: Algorithm) -> &'static Backend {
    available(algorithm).next().expect("every algorithm has a portable backend")
}

/// The named or the preferred backend.
pub fn find(algorithm: Algorithm, name: Option<&str>) -> Result<&'static Backend, HashError> {
    let Some(name) = name else { return Ok(preferred(algorithm)) };
    available(algorithm)
        .find(|backend| backend.name == name)
        .ok_or_else(|| HashError::BackendUnavailable { algorithm, backend: name.to_owned() })
}

/// A hasher that has passed its self test.
pub fn create(algorithm: Algorithm, backend: &'static Backend) -> Result<Box<dyn PowHasher>, HashError> {
    let mut hasher = (backend.create)()?;
    self_test::run(algorithm, hasher.as_mut()).map_err(|case| HashError::SelfTestFailed {
        algorithm,
        backend: backend.name,
        case,
    })?;
    Ok(hasher)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_available_backend_passes_its_self_test() {
        for algorithm in Algorithm::ALL {
            for backend in available(algorithm) {
                assert!(create(algorithm, backend).is_ok(), "{} {}", algorithm.name(), backend.name);
            }
        }
    }

    #[test]
    fn names_an_unknown_backend_in_its_error() {
        let error = find(Algorithm::Scrypt, Some("abacus")).unwrap_err();
        assert_eq!(error.code(), "BACKEND_UNAVAILABLE");
        assert!(error.to_string().contains("abacus"));
    }
}
