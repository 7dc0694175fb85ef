use crate::reference::finish_with;
use crate::rounds::compress_lanes;
use crate::{Block, INITIAL_STATE, State, closing_block, state_to_bytes};

/// `len` states and blocks of equal number.
type CompressMany = fn(&mut [State], &[Block]);

/// A way to compress blocks that is known to run on this processor.
#[derive(Clone, Copy)]
pub struct Engine {
    name: &'static str,
    lanes: usize,
    /// Multiples of `lanes` blocks.
    compress_full: CompressMany,
    /// One block at a time with the shortest latency.
    compress_one: fn(&mut State, &Block),
}

impl core::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Engine").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Engine {
    /// Every engine of this processor, fastest for many blocks first.
    pub fn available() -> Vec<Self> {
        let mut engines = Vec::new();
        let one = fastest_single();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                engines.push(Self {
                    name: "avx512",
                    lanes: 16,
                    compress_full: x86::avx512,
                    compress_one: one,
                });
            }
            if crate::sha_ni::is_available() {
                engines.push(Self {
                    name: "sha-ni",
                    lanes: 2,
                    compress_full: x86::sha_ni_pairs,
                    compress_one: one,
                });
            }
            if is_x86_feature_detected!("avx2") {
                engines.push(Self { name: "avx2", lanes: 8, compress_full: x86::avx2, compress_one: one });
            }
            engines.push(Self { name: "sse2", lanes: 4, compress_full: x86::sse2, compress_one: one });
        }
        #[cfg(target_arch = "aarch64")]
        {
            if crate::armv8::is_available() {
                engines.push(Self {
                    name: "armv8-sha2",
                    lanes: 2,
                    compress_full: arm::pairs,
                    compress_one: one,
                });
            }
            if std::arch::is_aarch64_feature_detected!("neon") {
                engines.push(Self { name: "neon", lanes: 4, compress_full: arm::neon, compress_one: one });
            }
        }
        engines.push(Self { name: "scalar", lanes: 1, compress_full: scalar_many, compress_one: one });
        engines
    }

    pub fn fastest() -> Self {
        Self::available()[0]
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub const fn lanes(&self) -> usize {
        self.lanes
    }

    /// Compresses block i into state i.
    pub fn compress_many(&self, states: &mut [State], blocks: &[Block]) {
        assert_eq!(states.len(), blocks.len(), "one block for each state");
        let full = states.len() - states.len() % self.lanes;
        (self.compress_full)(&mut states[..full], &blocks[..full]);
        let rest = states.len() - full;
        if rest > self.lanes / 2 && rest > 2 {
            // Part of the lanes idle: still cheaper than one after the other.
            let mut padded_states = [INITIAL_STATE; MAX_LANES];
            let mut padded_blocks = [[0u8; 64]; MAX_LANES];
            padded_states[..rest].copy_from_slice(&states[full..]);
            padded_blocks[..rest].copy_from_slice(&blocks[full..]);
            (self.compress_full)(&mut padded_states[..self.lanes], &padded_blocks[..self.lanes]);
            states[full..].copy_from_slice(&padded_states[..rest]);
        } else {
            for (state, block) in states[full..].iter_mut().zip(&blocks[full..]) {
                (self.compress_one)(state, block);
            }
        }
    }

    pub fn compress(&self, state: &mut State, block: &Block) {
        (self.compress_one)(state, block);
    }

    pub fn sha256(&self, message: &[u8]) -> [u8; 32] {
        state_to_bytes(&finish_with(INITIAL_STATE, 0, message, self.compress_one))
    }

    pub fn sha256d(&self, message: &[u8]) -> [u8; 32] {
        self.sha256(&self.sha256(message))
    }

    /// SHA256d of a message whose first `absorbed` bytes (whole blocks) are already in `state`.
    pub fn sha256d_after(&self, state: State, absorbed: u64, rest: &[u8]) -> [u8; 32] {
        self.sha256(&state_to_bytes(&finish_with(state, absorbed, rest, self.compress_one)))
    }

    /// SHA256d of every 64-byte message, as in a merkle tree.
    pub fn sha256d_pairs(&self, messages: &[Block], digests: &mut [[u8; 32]]) {
        assert_eq!(messages.len(), digests.len(), "one digest for each message");
        let mut states = [INITIAL_STATE; MAX_LANES];
        for (messages, digests) in messages.chunks(MAX_LANES).zip(digests.chunks_mut(MAX_LANES)) {
            let states = &mut states[..messages.len()];
            states.fill(INITIAL_STATE);
            self.compress_many(states, messages);
            self.compress_many(states, &[closing_block(&[], 64); MAX_LANES][..messages.len()]);
            self.digest_states(states, digests);
        }
    }

    /// Digest of each state seen as a 32-byte message: the second half of SHA256d.
    pub fn digest_states(&self, states: &mut [State], digests: &mut [[u8; 32]]) {
        for (states, digests) in states.chunks_mut(MAX_LANES).zip(digests.chunks_mut(MAX_LANES)) {
            let mut blocks = [[0u8; 64]; MAX_LANES];
            for (block, state) in blocks.iter_mut().zip(&mut *states) {
                *block = closing_block(&state_to_bytes(state), 32);
                *state = INITIAL_STATE;
            }
            self.compress_many(states, &blocks[..states.len()]);
            for (digest, state) in digests.iter_mut().zip(&*states) {
                *digest = state_to_bytes(state);
            }
        }
    }
}

/// Lanes of the widest engine.
const MAX_LANES: usize = 16;

fn fastest_single() -> fn(&mut State, &Block) {
    #[cfg(target_arch = "x86_64")]
    if crate::sha_ni::is_available() {
        return x86::sha_ni_one;
    }
    #[cfg(target_arch = "aarch64")]
    if crate::armv8::is_available() {
        return arm::one;
    }
    scalar_one
}

fn scalar_one(state: &mut State, block: &Block) {
    scalar_many(core::slice::from_mut(state), core::slice::from_ref(block));
}

fn scalar_many(states: &mut [State], blocks: &[Block]) {
    for (state, block) in states.chunks_mut(1).zip(blocks.chunks(1)) {
        // SAFETY: the one-lane implementation is plain integer code.
        unsafe { compress_lanes::<u32>(state, block) }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::{__m128i, __m256i, __m512i};

    use crate::rounds::compress_lanes;
    use crate::{Block, State, sha_ni};

    /// A safe entry that is only handed out after its instruction set was detected.
    macro_rules! lanes_entry {
        ($name:ident, $vector:ty, $lanes:literal, $features:literal) => {
            pub fn $name(states: &mut [State], blocks: &[Block]) {
                #[target_feature(enable = $features)]
                fn run(states: &mut [State], blocks: &[Block]) {
                    for (states, blocks) in states.chunks_exact_mut($lanes).zip(blocks.chunks_exact($lanes)) {
                        // SAFETY: the target feature is enabled here.
                        unsafe { compress_lanes::<$vector>(states, blocks) }
                    }
                }
                // SAFETY: `Engine::available` lists this entry only where the feature was detected.
                unsafe { run(states, blocks) }
            }
        };
    }
    lanes_entry!(sse2, __m128i, 4, "sse2");
    lanes_entry!(avx2, __m256i, 8, "avx2");
    lanes_entry!(avx512, __m512i, 16, "avx512f");

    pub fn sha_ni_one(state: &mut State, block: &Block) {
        // SAFETY: `Engine::available` lists this entry only where the extension was detected.
        unsafe { sha_ni::compress::<1>(core::array::from_mut(state), core::array::from_ref(block)) }
    }

    pub fn sha_ni_pairs(states: &mut [State], blocks: &[Block]) {
        for (states, blocks) in states.as_chunks_mut::<2>().0.iter_mut().zip(blocks.as_chunks::<2>().0) {
            // SAFETY: as above.
            unsafe { sha_ni::compress(states, blocks) }
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use core::arch::aarch64::uint32x4_t;

    use crate::rounds::compress_lanes;
    use crate::{Block, State, armv8};

    pub fn neon(states: &mut [State], blocks: &[Block]) {
        #[target_feature(enable = "neon")]
        fn run(states: &mut [State], blocks: &[Block]) {
            for (states, blocks) in states.chunks_exact_mut(4).zip(blocks.chunks_exact(4)) {
                // SAFETY: the target feature is enabled here.
                unsafe { compress_lanes::<uint32x4_t>(states, blocks) }
            }
        }
        // SAFETY: `Engine::available` lists this entry only where the feature was detected.
        unsafe { run(states, blocks) }
    }

    pub fn one(state: &mut State, block: &Block) {
        // SAFETY: `Engine::available` lists this entry only where the extension was detected.
        unsafe { armv8::compress::<1>(core::array::from_mut(state), core::array::from_ref(block)) }
    }

    pub fn pairs(states: &mut [State], blocks: &[Block]) {
        for (states, blocks) in states.as_chunks_mut::<2>().0.iter_mut().zip(blocks.as_chunks::<2>().0) {
            // SAFETY: as above.
            unsafe { armv8::compress(states, blocks) }
        }
    }
}
