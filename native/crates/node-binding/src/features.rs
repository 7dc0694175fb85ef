use std::collections::HashMap;

use napi_derive::napi;
use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;

use crate::failure::{CodedError, guard_throwing};

#[napi(object)]
pub struct CpuFeatures {
    pub arch: String,
    pub features: Vec<String>,
    pub backends: HashMap<String, Vec<String>>,
    pub selected: HashMap<String, String>,
}

#[napi]
pub fn cpu_features() -> Result<CpuFeatures, CodedError> {
    guard_throwing(|| {
        let names = |algorithm| {
            registry::available(algorithm).iter().map(|selection| selection.backend.to_owned()).collect()
        };
        Ok(CpuFeatures {
            arch: std::env::consts::ARCH.to_owned(),
            features: detected(),
            backends: Algorithm::ALL.map(|algorithm| (algorithm.name().to_owned(), names(algorithm))).into(),
            selected: Algorithm::ALL
                .map(|algorithm| {
                    (algorithm.name().to_owned(), registry::preferred(algorithm).backend.to_owned())
                })
                .into(),
        })
    })
}

/// The instruction sets that any backend asks for.
fn detected() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let probes = [
        ("sse2", is_x86_feature_detected!("sse2")),
        ("ssse3", is_x86_feature_detected!("ssse3")),
        ("sse4.1", is_x86_feature_detected!("sse4.1")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512vpopcntdq", is_x86_feature_detected!("avx512vpopcntdq")),
        ("aes", is_x86_feature_detected!("aes")),
        ("vaes", is_x86_feature_detected!("vaes")),
        ("sha", is_x86_feature_detected!("sha")),
    ];
    #[cfg(target_arch = "aarch64")]
    let probes = [
        ("neon", std::arch::is_aarch64_feature_detected!("neon")),
        ("sha2", std::arch::is_aarch64_feature_detected!("sha2")),
    ];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let probes: [(&str, bool); 0] = [];
    probes.into_iter().filter(|(_, found)| *found).map(|(name, _)| name.to_owned()).collect()
}
