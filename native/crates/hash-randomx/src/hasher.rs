//! One thread's hasher over memory that it shares with others. Hashes in a row overlap: the pass that
//! fingerprints the scratchpad of one fills it for the next.

use otedama_hash_api::{HashError, Interrupt, NONCE_END, NonceRange};
use otedama_memory::PageReport;
use otedama_primitives::{Hash, U256};

use crate::aes::Aes;
use crate::blake::hash_256;
use crate::vm::Vm;
use crate::{BACKENDS, Backend, SeedMemory, Variant};

/// What is held against the target. The commitment is RandomX v2's: with the hash beside it, a share that
/// misses the target is thrown away for the price of one Blake2b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Hash,
    Commitment,
}

/// A nonce whose measure, as a little-endian number, is at or below the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub nonce: u32,
    pub hash: Hash,
    /// If it was the measure.
    pub commitment: Option<Hash>,
}

/// Blake2b-256 of a hash's input and the hash.
pub fn commitment(input: &[u8], hash: &Hash) -> Hash {
    hash_256(&[input, hash])
}

/// A block's hashing blob and where its nonce goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    bytes: Vec<u8>,
    nonce_offset: usize,
}

impl Blob {
    /// None if the four bytes of the nonce are not inside.
    pub fn new(bytes: Vec<u8>, nonce_offset: usize) -> Option<Self> {
        let end = nonce_offset.checked_add(4)?;
        (end <= bytes.len()).then_some(Self { bytes, nonce_offset })
    }

    /// The blob with this nonce, little-endian.
    pub fn with_nonce(&mut self, nonce: u32) -> &[u8] {
        self.bytes[self.nonce_offset..][..4].copy_from_slice(&nonce.to_le_bytes());
        &self.bytes
    }
}

#[derive(Debug)]
pub struct Hasher {
    variant: Variant,
    backend: Backend,
    memory: SeedMemory,
    vm: Vm,
}

impl Hasher {
    pub fn new(memory: impl Into<SeedMemory>, variant: Variant, backend: Backend) -> Result<Self, HashError> {
        Self::with_aes(memory.into(), variant, backend, Aes::fastest())
    }

    pub(crate) fn with_aes(
        memory: SeedMemory,
        variant: Variant,
        backend: Backend,
        aes: Aes,
    ) -> Result<Self, HashError> {
        backend.check(&memory)?;
        let mut vm = Vm::new(variant, backend.engine(variant, aes)?, aes)?;
        vm.set_paired(backend.is_paired(&memory))?;
        Ok(Self { variant, backend, memory, vm })
    }

    /// On the first backend that this processor and this system allow.
    pub fn fastest(memory: impl Into<SeedMemory>, variant: Variant) -> Result<Self, HashError> {
        let memory = memory.into();
        let [preferred @ .., last] = BACKENDS else { unreachable!("the interpreter runs everywhere") };
        for backend in preferred {
            match Self::new(memory.clone(), variant, *backend) {
                Err(HashError::BackendUnavailable { .. } | HashError::CodeRefused { .. }) => {}
                decided => return decided,
            }
        }
        Self::new(memory, variant, *last)
    }

    /// Goes on with other memory: another key's, or the dataset where it had a cache only.
    pub fn switch(&mut self, memory: impl Into<SeedMemory>) -> Result<(), HashError> {
        let memory = memory.into();
        self.backend.check(&memory)?;
        self.vm.set_paired(self.backend.is_paired(&memory))?;
        self.memory = memory;
        Ok(())
    }

    pub const fn memory(&self) -> &SeedMemory {
        &self.memory
    }

    pub const fn variant(&self) -> Variant {
        self.variant
    }

    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The pages of the scratchpad.
    pub const fn pages(&self) -> &PageReport {
        self.vm.pages()
    }

    pub fn hash(&mut self, input: &[u8]) -> Hash {
        self.vm.begin(0, input);
        self.vm.run_programs(1, &self.memory, &Interrupt::never());
        self.vm.finish(0)
    }

    /// Hash i of input i; the slices are equally long.
    pub fn hash_many(&mut self, inputs: &[&[u8]], hashes: &mut [Hash]) {
        assert_eq!(inputs.len(), hashes.len(), "one hash for each input");
        let lanes = self.vm.lanes();
        for (lane, input) in inputs.iter().enumerate().take(lanes) {
            self.vm.begin(lane, input);
        }
        for (group, hashes) in hashes.chunks_mut(lanes).enumerate() {
            self.vm.run_programs(hashes.len(), &self.memory, &Interrupt::never());
            for (lane, hash) in hashes.iter_mut().enumerate() {
                *hash = match inputs.get((group + 1) * lanes + lane) {
                    Some(next) => self.vm.finish_and_begin(lane, next),
                    None => self.vm.finish(lane),
                };
            }
        }
    }

    /// Tries `nonces` (within 0..2^32) and appends every hit in ascending order; exact at the target's edge.
    /// Returns how many were tried: fewer than asked when interrupted. That is looked at several times in each
    /// hash, and the hash at work is given up.
    pub fn search(
        &mut self,
        blob: &mut Blob,
        target: &U256,
        measure: Measure,
        nonces: NonceRange,
        interrupt: &Interrupt<'_>,
        hits: &mut Vec<Hit>,
    ) -> u64 {
        assert!(nonces.end <= NONCE_END, "nonces have 32 bits");
        if nonces.is_empty() || interrupt.is_raised() {
            return 0;
        }
        let lanes = self.vm.lanes();
        for (lane, nonce) in nonces.clone().enumerate().take(lanes) {
            self.vm.begin(lane, blob.with_nonce(nonce as u32));
        }
        for group in nonces.clone().step_by(lanes) {
            let group = group..nonces.end.min(group + lanes as u64);
            if !self.vm.run_programs((group.end - group.start) as usize, &self.memory, interrupt) {
                return group.start - nonces.start;
            }
            for (lane, nonce) in group.enumerate() {
                let next = nonce + lanes as u64;
                let hash = if next < nonces.end {
                    self.vm.finish_and_begin(lane, blob.with_nonce(next as u32))
                } else {
                    self.vm.finish(lane)
                };
                let nonce = nonce as u32;
                let commitment =
                    (measure == Measure::Commitment).then(|| commitment(blob.with_nonce(nonce), &hash));
                if U256::from_le_bytes(&commitment.unwrap_or(hash)) <= *target {
                    hits.push(Hit { nonce, hash, commitment });
                }
            }
        }
        nonces.end - nonces.start
    }
}
