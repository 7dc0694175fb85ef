//! SHA-256 on every instruction set this workspace knows.
//!
//! [`reference`] is the plain function of FIPS 180-4 that everything else is tested against. [`Engine`]
//! compresses many independent blocks with the fastest unit of the processor. [`lanes`] and [`rounds`] are
//! the building blocks of search kernels, which fuse and cut rounds and so cannot use whole compressions.

// SIMD intrinsics: each block carries its proof.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
pub mod armv8;
mod engine;
pub mod lanes;
#[cfg(target_arch = "aarch64")]
mod lanes_neon;
#[cfg(target_arch = "x86_64")]
mod lanes_x86;
pub mod reference;
pub mod rounds;
#[cfg(target_arch = "x86_64")]
pub mod sha_ni;

pub use engine::Engine;

/// The eight chaining words.
pub type State = [u32; 8];
/// One message block, as bytes.
pub type Block = [u8; 64];

pub const INITIAL_STATE: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[rustfmt::skip]
pub const ROUND_CONSTANTS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The state as a digest: words big-endian.
pub fn state_to_bytes(state: &State) -> [u8; 32] {
    let mut bytes = [0u8; 32];
    for (out, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *out = word.to_be_bytes();
    }
    bytes
}

/// Last block of a message of `total_bytes` whose `tail` (at most 55 bytes) did not fill a block.
pub fn closing_block(tail: &[u8], total_bytes: u64) -> Block {
    let mut block = [0u8; 64];
    block[..tail.len()].copy_from_slice(tail);
    block[tail.len()] = 0x80;
    block[56..].copy_from_slice(&(8 * total_bytes).to_be_bytes());
    block
}
