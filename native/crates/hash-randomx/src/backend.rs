//! The ways to run programs, best first. This list is the one place that decides which is used where.

use otedama_hash_api::HashError;

use crate::aes::Aes;
use crate::engine::Engine;
use crate::interpreter::Interpreter;
#[cfg(target_arch = "x86_64")]
use crate::jit::{self, ProgramCode};
use crate::{SeedMemory, Variant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backend {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Jit(Pairing),
    Interpreter,
}

/// When two hashes on one thread take turns.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pairing {
    /// With a dataset whose lines take long to find.
    WhereItGains,
    Never,
    /// With any dataset.
    Always,
}

/// In order of preference.
pub const BACKENDS: &[Backend] = &[
    #[cfg(target_arch = "x86_64")]
    Backend { name: "jit", kind: Kind::Jit(Pairing::WhereItGains) },
    #[cfg(target_arch = "x86_64")]
    Backend { name: "jit-single", kind: Kind::Jit(Pairing::Never) },
    #[cfg(target_arch = "x86_64")]
    Backend { name: "jit-pair", kind: Kind::Jit(Pairing::Always) },
    Backend { name: "interpreter", kind: Kind::Interpreter },
];

impl Backend {
    pub fn from_name(name: &str) -> Option<Self> {
        BACKENDS.iter().copied().find(|backend| backend.name == name)
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether this processor can run it. The system may still refuse to run generated code; a hasher's
    /// creation tells.
    pub fn is_available(&self) -> bool {
        match self.kind {
            #[cfg(target_arch = "x86_64")]
            Kind::Jit(Pairing::Always) => jit::can_pair(),
            #[cfg(target_arch = "x86_64")]
            Kind::Jit(_) => jit::is_available(),
            Kind::Interpreter => true,
        }
    }

    /// Whether it can compute dataset items of this memory.
    pub(crate) fn check(&self, memory: &SeedMemory) -> Result<(), HashError> {
        match (self.kind, memory) {
            #[cfg(target_arch = "x86_64")]
            (Kind::Jit(_), SeedMemory::Light(cache)) => cache.item_code().map(|_| ()).map_err(Clone::clone),
            _ => Ok(()),
        }
    }

    /// Whether hashes with this memory are best worked on two at a time.
    pub(crate) fn is_paired(&self, memory: &SeedMemory) -> bool {
        match (self.kind, memory) {
            #[cfg(target_arch = "x86_64")]
            (Kind::Jit(Pairing::WhereItGains), SeedMemory::Fast(dataset)) => {
                jit::should_pair(dataset.lines())
            }
            #[cfg(target_arch = "x86_64")]
            (Kind::Jit(Pairing::Always), SeedMemory::Fast(_)) => true,
            _ => false,
        }
    }

    pub(crate) fn engine(&self, variant: Variant, aes: Aes) -> Result<Engine, HashError> {
        if !self.is_available() {
            let algorithm = variant.algorithm();
            return Err(HashError::BackendUnavailable { algorithm, backend: self.name.to_owned() });
        }
        match self.kind {
            #[cfg(target_arch = "x86_64")]
            Kind::Jit(_) => ProgramCode::new(variant).map(Engine::Jit),
            Kind::Interpreter => Ok(Engine::Interpreter(Interpreter::new(variant, aes))),
        }
    }
}
